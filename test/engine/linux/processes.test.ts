import fc from 'fast-check';
import { describe, it } from 'vitest';
import { runProcesses, steps } from './random-processes.js';
import { linuxOn } from './support.js';

describe('processes', () => {
  for (const model of ['p2m', 'insert'] as const) {
    it(`read back what they wrote, whatever others did meanwhile, and nothing leaks: ${model}`, () => {
      fc.assert(
        fc.property(steps(60), (sequence) => runProcesses(linuxOn(model, 900), sequence)),
        { numRuns: 18, seed: 6 },
      );
    });
  }
});
