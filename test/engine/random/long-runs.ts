import { expect, it } from 'vitest';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { describeFault, faultOf, sequenceOf } from './sequence.js';
import { World, type WorldSize } from './world.js';

/** Of all platforms together. */
const OPERATIONS = 1_000_000;
/** Operations between two audits. */
const INTERVAL = 1000;
const SIZES: readonly { readonly size: WorldSize; readonly share: number }[] = [
  { size: { frames: 1024, controlPages: 128, guestPages: 64 }, share: 0.8 },
  // 2 GiB of 16 KiB pages. A sequence has to be long enough there that guests start Linux and run programs.
  { size: { frames: 131_072, controlPages: 4096, guestPages: 256 }, share: 0.2 },
];

/** Each has a file of tests of its own, so that they run side by side. */
const PLATFORMS = ['ia64', 'ppc64', 'radix tables', 'radix tables behind an identity stage'] as const;

/** The platform's part of a million random operations, against the slow reference and audited every thousand. */
export const longRunsOn = (platform: (typeof PLATFORMS)[number]): void => {
  const platformOf = (title: string): string => title.slice(0, title.indexOf(':'));
  const variants = PLATFORM_VARIANTS.filter(({ title }) => platformOf(title) === platform);
  let taken = 0;

  for (const { title, control, guest, schemes } of variants) {
    it(
      title,
      () => {
        schemes.forEach((scheme, index) => {
          for (const { size, share } of SIZES) {
            const length = Math.ceil((OPERATIONS * share) / PLATFORM_VARIANTS.length / schemes.length);
            const seed = `${title}, scheme ${index}, ${size.frames} frames`;
            const makeWorld = (): World => new World(control, guest, scheme, size);
            const steps = sequenceOf(seed, length);
            const fault = faultOf(makeWorld(), steps, INTERVAL);
            taken += length;
            if (fault !== null) throw new Error(describeFault(makeWorld, steps, INTERVAL, seed));
          }
        });
      },
      120_000,
    );
  }

  it('are a million with those of the other platforms', () => {
    expect(new Set(PLATFORM_VARIANTS.map(({ title }) => platformOf(title)))).toEqual(new Set(PLATFORMS));
    expect(taken).toBeGreaterThanOrEqual((OPERATIONS * variants.length) / PLATFORM_VARIANTS.length);
  });
};
