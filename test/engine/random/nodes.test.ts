import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { step, take } from './steps.js';
import { World, smallWorld } from './world.js';

/** A model with itself is enough: what nodes change is where frames come from. */
const variants = PLATFORM_VARIANTS.filter(({ control, guest }) => control === guest);

describe('random operations on small hosts with two nodes, against the slow reference and audited after every one', () => {
  for (const { title, control, guest, schemes } of variants) {
    it(title, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80, size: 'max' }), fc.constantFrom(...schemes), (sequence, scheme) => {
          const world = new World(control, guest, scheme, { ...smallWorld(128), nodes: true });
          for (const each of [{ kind: 'build', guest: 0, page: 0, place: 0 }, ...sequence]) {
            take(world, each, true);
            expect(world.check()).toEqual([]);
          }
        }),
        { numRuns: 6, seed: 2006 },
      );
    });
  }
});
