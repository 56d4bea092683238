import fc from 'fast-check';
import { describe, it } from 'vitest';
import { runProcesses, steps } from './random-processes.js';
import { linuxOn, linuxOnPpc64 } from './support.js';

describe('processes', () => {
  for (const model of ['p2m', 'insert', 'shadow', 'walked shadow', 'nested'] as const) {
    it(`with areas of more than 2 MiB read back what they wrote too: ${model}`, () => {
      fc.assert(
        fc.property(steps(40, 'huge'), (sequence) => runProcesses(linuxOn(model, 3000), sequence)),
        { numRuns: 4, seed: 8 },
      );
    });
  }

  for (const model of ['p2m', 'insert', 'shadow', 'walked shadow', 'nested'] as const) {
    it(`read back what they wrote, whatever others did meanwhile, and nothing leaks: ${model}`, () => {
      fc.assert(
        fc.property(steps(60), (sequence) => runProcesses(linuxOn(model, 900), sequence)),
        { numRuns: model.endsWith('shadow') ? 6 : 18, seed: 6 },
      );
    });
  }

  it('read back what they wrote on ppc64, through the TLB and the hashed table, and nothing leaks', () => {
    fc.assert(
      fc.property(steps(60), (sequence) => runProcesses(linuxOnPpc64(900), sequence)),
      { numRuns: 8, seed: 6 },
    );
  });
});
