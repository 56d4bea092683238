import { describe, expect, it } from 'vitest';
import { Mechanism, audit, isFinding } from '../../../engine/index.js';
import { balloonIn, balloonOut } from '../../../engine/linux/balloon.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { domainOn } from '../support.js';
import { linuxOn } from './support.js';

describe("Linux's balloon", () => {
  it.each([
    [1, 1],
    [512, 1],
    [513, 2],
    [5000, 10],
  ])(
    'under P2M clears the kernel mapping of each of %i pages, and flushes and asks once for each of %i batches',
    (pages, batches) => {
      const machine = linuxOn('p2m', 6000);
      const free = machine.domain.host.heap.freeFrames;
      machine.counts();
      expect(balloonOut(machine.kernel, pages)).toBeNull();
      expect(machine.domain.host.heap.freeFrames - free).toBe(pages);
      expect(machine.counts()).toMatchObject({
        vaMappingUpdate: pages,
        mmuextOperation: batches,
        memoryOperation: batches,
        hypercall: pages + batches,
      });
      expect(machine.violations()).toEqual([]);
      expect(balloonIn(machine.kernel, pages)).toBeNull();
      expect(machine.counts()).toMatchObject({ vaMappingUpdate: pages, memoryOperation: batches, hypercall: pages });
    },
  );

  it('under VP leaves the kernel mapping alone', () => {
    const machine = linuxOn('insert', 6000);
    const free = machine.domain.host.heap.freeFrames;
    machine.counts();
    expect(balloonOut(machine.kernel, 1000)).toBeNull();
    expect(machine.domain.host.heap.freeFrames - free).toBe(1000);
    const counts = machine.counts();
    expect([counts.memoryOperation, counts.vaMappingUpdate ?? 0, counts.mmuextOperation ?? 0]).toEqual([2, 0, 0]);
    expect(counts.hypercall ?? 0).toBe(0);
    expect(audit(machine.domain.host)).toEqual([]);
  });

  it.each([
    ['insert', 1000, 2],
    ['nested', 1025, 3],
  ] as const)(
    'under VP %s asks for %i pages in %i operations each way, and by no hypercall a page',
    (model, pages, operations) => {
      const machine = linuxOn(model, 6000);
      machine.counts();
      expect(balloonOut(machine.kernel, pages)).toBeNull();
      expect(machine.counts()).toMatchObject({ memoryOperation: operations });
      expect(balloonIn(machine.kernel, pages)).toBeNull();
      const counts = machine.counts();
      expect([counts.memoryOperation, machine.domain.account.count('hypercall')]).toEqual([operations, 0]);
    },
  );

  it('is refused a frame that a live page table of the guest still maps', () => {
    const { domain } = linuxOn('p2m', 100);
    const pfn = domain.free.take()!;
    expect(domain.mapPage(7, pfn, false)).toBeNull();
    expect(domain.balloon.release(pfn)).toMatchObject({ operation: 'balloon out', rule: 'not-referenced' });
    expect(domain.setEntry(7, 0, Mechanism.work)).toBeNull();
    expect(domain.balloon.release(domain.free.take()!)).toBe(pfn);
  });

  it('keeps and maps again what was left of a batch when a frame is mapped by another domain', () => {
    const machine = linuxOn('p2m', 600);
    const { domain } = machine;
    const { heap } = domain.host;
    const tool = domainOn(domain.host, 'tool', 'p2m', 16);
    const taken = Array.from({ length: 10 }, () => domain.free.take()!);
    for (const pfn of taken.toReversed()) domain.free.giveBack(pfn);
    expect(isFinding(mapForeign(tool, domain, [taken[4]], { writable: false, firstPage: 0 }))).toBe(false);
    const [free, kernelFree] = [heap.freeFrames, domain.free.count];
    expect(balloonOut(machine.kernel, 10)).toMatchObject({ operation: 'balloon out', rule: 'not-referenced' });
    expect([heap.freeFrames - free, kernelFree - domain.free.count]).toEqual([4, 4]);
    expect(machine.memory!.isKernelWritable(domain.model.machineFrame(taken[9]))).toBe(true);
  });

  it('ends with a finding when too few frames are free, and keeps what it gave back whole', () => {
    const machine = linuxOn('p2m', 600);
    const { domain } = machine;
    const free = domain.host.heap.freeFrames;
    expect(balloonOut(machine.kernel, 700)).toMatchObject({ operation: 'balloon out', rule: 'free-frames' });
    expect(domain.host.heap.freeFrames - free).toBe(512);
    expect(machine.violations()).toEqual([]);
  });
});
