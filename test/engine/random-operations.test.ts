import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TranslationScheme } from '../../engine/platform.js';
import { Pair, steps } from './random-operations.js';
import { VARIANTS, hashScheme, vhptScheme } from './support.js';

const RUNS = 15;

type Variant = (typeof VARIANTS)[number];

const agrees = (control: Variant, guest: Variant, schemes: readonly TranslationScheme[]): void => {
  it(`control domain ${control.title}, guests ${guest.title}`, () => {
    fc.assert(
      fc.property(
        steps(120),
        fc.constantFrom(128, 160, 256),
        fc.constantFrom(...schemes),
        (sequence, frames, scheme) => {
          const pair = new Pair(control, guest, frames, scheme);
          for (const step of sequence) {
            pair.step(step);
            expect(pair.check()).toEqual([]);
          }
        },
      ),
      { numRuns: RUNS, seed: 2006 },
    );
  });
};

describe('random operations on ia64, against the slow reference and audited after every one', () => {
  const schemes = [vhptScheme({ insertClip: 'page' }), vhptScheme({ insertClip: 'run' })];
  for (const control of VARIANTS) for (const guest of VARIANTS) agrees(control, guest, schemes);
});

describe('random operations on ppc64, against the slow reference and audited after every one', () => {
  const inserts = VARIANTS.filter(({ model }) => model === 'insert');
  for (const control of inserts) for (const guest of inserts) agrees(control, guest, [hashScheme()]);
});
