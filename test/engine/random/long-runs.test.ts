import { describe, expect, it } from 'vitest';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { describeFault, faultOf, sequenceOf } from './sequence.js';
import { KINDS_WITHOUT_PROCESSES } from './steps.js';
import { World, type WorldSize } from './world.js';

const OPERATIONS = 1_000_000;
/** Operations between two audits. */
const INTERVAL = 1000;
const SIZES: readonly { readonly size: WorldSize; readonly share: number }[] = [
  { size: { frames: 1024, controlPages: 128, guestPages: 64 }, share: 0.98 },
  // 2 GiB of 16 KiB pages.
  { size: { frames: 131_072, controlPages: 4096, guestPages: 256 }, share: 0.02 },
];

describe('a million random operations, against the slow reference and audited every thousand', () => {
  let taken = 0;

  for (const { title, control, guest, schemes } of PLATFORM_VARIANTS) {
    it(
      title,
      () => {
        schemes.forEach((scheme, index) => {
          for (const { size, share } of SIZES) {
            const length = Math.ceil((OPERATIONS * share) / PLATFORM_VARIANTS.length / schemes.length);
            const seed = `${title}, scheme ${index}, ${size.frames} frames`;
            const makeWorld = (): World => new World(control, guest, scheme, size);
            const steps = sequenceOf(seed, length, KINDS_WITHOUT_PROCESSES);
            const fault = faultOf(makeWorld(), steps, INTERVAL);
            taken += length;
            if (fault !== null) throw new Error(describeFault(makeWorld, steps, INTERVAL, seed));
          }
        });
      },
      120_000,
    );
  }

  it('are a million', () => {
    expect(taken).toBeGreaterThanOrEqual(OPERATIONS);
  });
});
