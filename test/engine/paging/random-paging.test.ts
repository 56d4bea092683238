import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../engine/paging/translation.js';
import { CACHES, NativePair, NestedPair, expectSound, steps } from './random-paging.js';

describe('random changes of tables, accesses and flushes, against the slow reference and audited after every one', () => {
  CACHES.forEach((caches, index) => {
    it(`one dimension, caches ${index}`, () => {
      fc.assert(
        fc.property(steps(150), (sequence) => expectSound(new NativePair(caches), sequence)),
        { numRuns: 40, seed: 2026 },
      );
    });

    for (const setsFlags of [true, false]) {
      it(`two dimensions, caches ${index}, the second stage ${setsFlags ? 'keeps' : 'keeps no'} flags`, () => {
        const second = CACHES[(index + (setsFlags ? 0 : 1)) % CACHES.length];
        fc.assert(
          fc.property(steps(150), (sequence) => expectSound(new NestedPair(caches, second, setsFlags), sequence)),
          { numRuns: 25, seed: 2026 },
        );
      });
    }
  });

  it('the sequences meet every fault, hits, large entries and walk cache hits', () => {
    const pair = new NestedPair(CACHES[0], CACHES[0], true);
    const faults = new Set<number>();
    const access = pair.mmu.access.bind(pair.mmu);
    let large = 0;
    pair.mmu.access = (space, page, write) => {
      const fault = access(space, page, write);
      faults.add(fault);
      if (fault === Fault.none && pair.mmu.translation.level > 0) large += 1;
      return fault;
    };
    for (const sequence of fc.sample(steps(400), { numRuns: 20, seed: 7 })) expectSound(pair, sequence);
    expect(faults).toEqual(new Set(Object.values(Fault)));
    for (const counted of [large, ...Object.values(pair.mmu.counts), ...Object.values(pair.mmu.second.counts)])
      expect(counted).toBeGreaterThan(0);
  });
});
