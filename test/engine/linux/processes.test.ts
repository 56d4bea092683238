import fc from 'fast-check';
import { describe, it } from 'vitest';
import { runProcesses, steps } from './random-processes.js';
import { linuxOn } from './support.js';

describe('processes', () => {
  for (const model of ['p2m', 'insert', 'shadow', 'nested'] as const) {
    it(`with areas of more than 2 MiB read back what they wrote too: ${model}`, () => {
      fc.assert(
        fc.property(steps(40, 'huge'), (sequence) => runProcesses(linuxOn(model, 3000), sequence)),
        { numRuns: 4, seed: 8 },
      );
    });
  }

  for (const model of ['p2m', 'insert', 'shadow', 'nested'] as const) {
    it(`read back what they wrote, whatever others did meanwhile, and nothing leaks: ${model}`, () => {
      fc.assert(
        fc.property(steps(60), (sequence) => runProcesses(linuxOn(model, 900), sequence)),
        { numRuns: model === 'shadow' ? 6 : 18, seed: 6 },
      );
    });
  }
});
