import { describe, expect, it } from 'vitest';
import { savedWorld } from './checkpoint-steps.js';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { sequenceOf } from './sequence.js';
import { KINDS, take } from './steps.js';
import { World, smallWorld } from './world.js';

const STEPS = 150;
/** Steps between two checkpoints. */
const INTERVAL = 25;

describe('a random run that stops at checkpoints ends as the one that never stopped, byte for byte', () => {
  for (const { title, control, guest, schemes } of PLATFORM_VARIANTS) {
    it(title, () => {
      const [scheme] = schemes;
      const [stopping, straight] = [0, 1].map(() => new World(control, guest, scheme, smallWorld(256)));
      const kinds = KINDS.filter((kind) => kind !== 'save and restore');
      sequenceOf(title, STEPS, kinds).forEach((step, index) => {
        for (const world of [stopping, straight]) take(world, step, false);
        if (index % INTERVAL === 0) take(stopping, { kind: 'save and restore', guest: 0, page: 0, place: 0 }, false);
      });
      expect(Buffer.compare(savedWorld(stopping), savedWorld(straight))).toBe(0);
    });
  }
});
