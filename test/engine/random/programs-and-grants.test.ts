import { describe, expect, it } from 'vitest';
import { GRANT_DEVICE_STEPS } from './grant-device-steps.js';
import { GRANT_STEPS } from './grant-steps.js';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { faultOf, sequenceOf } from './sequence.js';
import { KINDS } from './steps.js';
import { World } from './world.js';

const STEPS = 250;
const INTERVAL = 10;
const SIZE = { frames: 1024, controlPages: 128, guestPages: 64 };
const VARIANTS: ReadonlySet<string> = new Set([
  'radix tables: control domain direct, restricted, guests p2m',
  'radix tables: control domain p2m, guests p2m',
  'radix tables: control domain direct, restricted, guests nested',
  'ia64: control domain p2m, guests p2m',
]);

/** Of all steps, those that need each other come more often: domains with programs, grants, and what programs do with them. */
const OFTEN = [
  ...Object.keys({ ...GRANT_STEPS, ...GRANT_DEVICE_STEPS }),
  ...KINDS.filter((kind) => /^(?:process: |build$|boot |save )/u.test(kind)),
];
const LEAVING: ReadonlySet<string> = new Set(['destroy', 'crash and restart']);
const MIXED = [...KINDS.filter((kind) => !LEAVING.has(kind)), ...LEAVING, ...[1, 2, 3, 4].flatMap(() => OFTEN)];

describe('programs grant pages and map those of others, in guests large enough to have some, among all other operations', () => {
  it.each(PLATFORM_VARIANTS.filter(({ title }) => VARIANTS.has(title)))(
    '$title',
    ({ title, control, guest, schemes }) => {
      const world = new World(control, guest, schemes[0], SIZE);
      expect(faultOf(world, sequenceOf(title, STEPS, MIXED), INTERVAL)).toBe(null);
    },
  );
});
