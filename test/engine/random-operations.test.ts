import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pair, steps } from './random-operations.js';
import { VARIANTS } from './support.js';

const RUNS = 15;

describe('random operations, against the slow reference and audited after every one', () => {
  for (const control of VARIANTS) {
    for (const guest of VARIANTS) {
      it(`control domain ${control.title}, guests ${guest.title}`, () => {
        fc.assert(
          fc.property(
            steps(120),
            fc.constantFrom(128, 160, 256),
            fc.constantFrom('page', 'run'),
            (sequence, frames, clip) => {
              const pair = new Pair(control, guest, frames, clip);
              for (const step of sequence) {
                pair.step(step);
                expect(pair.check()).toEqual([]);
              }
            },
          ),
          { numRuns: RUNS, seed: 2006 },
        );
      });
    }
  }
});
