import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { step, take } from './steps.js';
import { World, smallWorld } from './world.js';

const RUNS = 15;

describe('random operations on small hosts, against the slow reference and audited after every one', () => {
  for (const { title, control, guest, schemes } of PLATFORM_VARIANTS) {
    it(title, () => {
      fc.assert(
        fc.property(
          fc.array(step, { maxLength: 120, size: 'max' }),
          fc.constantFrom(64, 128, 160, 256),
          fc.constantFrom(...schemes),
          (sequence, frames, scheme) => {
            const world = new World(control, guest, scheme, smallWorld(frames));
            for (const each of [{ kind: 'build', guest: 0, page: 0, place: 0 }, ...sequence]) {
              take(world, each, true);
              expect(world.check()).toEqual([]);
            }
          },
        ),
        { numRuns: RUNS, seed: 2006 },
      );
    });
  }
});
