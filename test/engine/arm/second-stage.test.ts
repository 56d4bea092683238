import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../engine/index.js';
import { SecondStage } from '../../../engine/arm/second-stage.js';
import { NO_FRAME, asMfn, asPfn } from '../../../engine/host/frame-number.js';
import { hostOf, platformOf } from '../support.js';

const stageOn = (): { readonly host: Host; readonly stage: SecondStage } => {
  const host = hostOf(platformOf([[0, 4096]]));
  return { host, stage: new SecondStage(host) };
};

const ordersOf = (stage: SecondStage): number[] => {
  const orders: number[] = [];
  stage.forEachEntry(({ order }) => orders.push(order));
  return orders;
};

describe('a second-stage table', () => {
  it('maps a range in the largest entries that fit its start and what is still to go', () => {
    const { stage } = stageOn();
    stage.map(asPfn(0), asMfn(0), 2 ** 18, 'memory');
    stage.map(asPfn(2 ** 18), asMfn(2 ** 18), 1024, 'memory');
    expect(ordersOf(stage)).toEqual([18, 9, 9]);
    expect(stage.tablePages).toBe(2);
    const odd = stageOn().stage;
    odd.map(asPfn(0), asMfn(0), 2 ** 18 + 512, 'memory');
    expect(ordersOf(odd)).toEqual(Array(513).fill(9));
  });

  it('maps a range in single pages throughout, when its size and its start are never aligned at once', () => {
    const { stage } = stageOn();
    stage.map(asPfn(512), asMfn(512), 1024 + 16, 'device');
    expect(ordersOf(stage)).toEqual(Array(1040).fill(0));
  });

  it('breaks the one entry that loses a page, and does not heal when the page is back', () => {
    const { host, stage } = stageOn();
    stage.map(asPfn(0), asMfn(0), 1024, 'memory');
    const before = host.heap.freeFrames;
    for (const pages of [[700], [701, 702]]) {
      for (const pfn of pages) stage.unmap(asPfn(pfn));
      expect(ordersOf(stage).filter((order) => order === 9)).toHaveLength(1);
      expect(host.heap.freeFrames).toBe(before - 1);
    }
    for (const pfn of [700, 701, 702]) stage.map(asPfn(pfn), asMfn(pfn), 1, 'memory');
    expect(ordersOf(stage).filter((order) => order === 0)).toHaveLength(512);
    expect(host.heap.freeFrames).toBe(before - 1);
  });

  it('gives each guest frame what was last mapped there, and all table pages back', () => {
    const operation = fc.record({ pfn: fc.nat(4095), mfn: fc.nat(4095), unmap: fc.boolean() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const { host, stage } = stageOn();
        const free = host.heap.freeFrames + 1;
        stage.map(asPfn(0), asMfn(0), 4096, 'memory');
        const reference = new Map(Array.from({ length: 4096 }, (_, pfn) => [pfn, pfn]));
        for (const { pfn, mfn, unmap } of operations) {
          if (unmap) stage.unmap(asPfn(pfn));
          else stage.map(asPfn(pfn), asMfn(mfn), 1, 'memory');
          if (unmap) reference.delete(pfn);
          else reference.set(pfn, mfn);
        }
        for (let pfn = 0; pfn < 4096; pfn += 1) expect(stage.lookup(pfn)).toBe(reference.get(pfn) ?? NO_FRAME);
        stage.release();
        expect(host.heap.freeFrames).toBe(free);
      }),
      { numRuns: 20 },
    );
  });
});
