import { describe, expect, it } from 'vitest';
import { zeroCosts } from '../../validation/predictions/counts-only-platform.js';
import { requestsPerSecond } from '../../validation/scenes/unmap-storm.js';
import { bouncedReadNs, mappedReadNs } from '../../validation/scenes/virtual-iommu.js';

describe('threads of a backend that map and unmap page by page', () => {
  const work = zeroCosts({ pageCopy: 10_000 });

  it('go beside each other where no flush is waited for: as many requests as threads', () => {
    for (const guests of [1, 2, 5]) expect(requestsPerSecond(guests, work)).toBeCloseTo((guests * 1e9) / 10_000, 3);
  });

  it('have no more requests than flushes fit one after the other, and fewer with each guest from there on', () => {
    const costs = { ...work, flushInterrupt: 4000 };
    const rates = [2, 3, 5, 8].map((guests) => requestsPerSecond(guests, costs));
    // A flush is answered by each of the other threads.
    for (const [index, guests] of [2, 3, 5, 8].entries()) {
      expect(rates[index]).toBeLessThanOrEqual(1e9 / ((guests - 1) * 4000) + 1e-6);
    }
    expect(rates.slice(1)).toEqual(rates.slice(1).toSorted((a, b) => b - a));
  });
});

describe('a read through a virtual IOMMU', () => {
  it('takes two exits and an invalidation, and an entry stored and one cleared for each page', () => {
    for (const pages of [1, 4, 32]) {
      const of = (event: 'hypercall' | 'iotlbInvalidation' | 'iommuStore' | 'p2mLookup'): number =>
        mappedReadNs(pages * 4096, zeroCosts({ [event]: 1 }));
      expect([of('hypercall'), of('iotlbInvalidation'), of('p2mLookup'), of('iommuStore')]).toEqual([
        2,
        1,
        pages,
        2 * pages,
      ]);
    }
  });

  it('by a pool that stays mapped takes a copy of each 2 KiB', () => {
    expect(bouncedReadNs(16_384, zeroCosts({ bounceCopy: 7, dmaMap: 1 }))).toBe(8 * 7 + 1);
  });
});
