import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asMfn } from '../../../engine/host/frame-number.js';
import { Heap } from '../../../engine/host/heap.js';
import { auditNestedPaging } from '../../../engine/paging/audit-paging.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { NestedPaging, combinedTag } from '../../../engine/paging/nested-paging.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { SecondStage } from '../../../engine/paging/second-stage.js';
import { Fault } from '../../../engine/paging/translation.js';
import { type Caches, guestTableMemory, tableMemory, unitOf } from './support.js';

const MIB = 256;
const M2 = 512;
const CACHES: Caches = {
  tlb: [
    { sets: 4, ways: 4 },
    { sets: 1, ways: 4 },
  ],
  walk: [8, 4, 2],
};

/** A virtual machine whose kernel maps its memory one to one from page 0 on in 2 MiB entries, with an MMU. */
const scene = (pages = 8 * M2) => {
  const heap = new Heap();
  heap.addRange(asMfn(0), 64 * MIB);
  const machine = tableMemory(X86_64, 2 ** 20, 1000);
  const second = new RadixTable(X86_64, machine, machine.newTable());
  const mmu = new NestedPaging(unitOf(X86_64, machine, CACHES).spec, unitOf(X86_64, machine, CACHES, false));
  const stage = new SecondStage(second, {
    guestFrame: (guestFrame) => mmu.flushGuestFrame(1, guestFrame),
    machine: () => mmu.flushMachine(1),
  });
  const populate = (count = pages): number =>
    stage.populate(0, count, { allocate: (order) => heap.allocate(order), giveBack() {} });
  const boot = () => {
    const frames = Array.from({ length: 32 }, (_, index) => pages - 1 - index);
    const guestMemory = guestTableMemory(machine, second, frames);
    const guest = new RadixTable(X86_64, guestMemory, guestMemory.newTable());
    for (let page = 0; page < pages; page += M2) guest.map(page, page, 1, true);
    const space = {
      first: { tag: combinedTag(1, 1), rootFrame: guest.rootFrame },
      second: { tag: 1, rootFrame: second.rootFrame },
    };
    // Sets the flags of the guest's tables, so that later only the pages themselves are written.
    for (let page = 0; page < pages; page += M2) mmu.access(space, page, true);
    return space;
  };
  return { heap, machine, second, mmu, stage, populate, boot };
};

describe('second stage', () => {
  it('is given memory in runs as large as the heap has: 2 MiB entries where it can, single pages where it is broken', () => {
    const { heap, second, stage, populate } = scene();
    // All of the heap, then back: three runs of 2 MiB and 100 single frames of other 2 MiB.
    const all = Array.from({ length: (64 * MIB) / M2 }, () => heap.allocate(9));
    for (const first of all.slice(0, 3)) heap.free(first, 9);
    for (const first of all.slice(10, 20)) for (let at = 0; at < 10; at += 1) heap.free(asMfn(first + 2 * at), 0);
    expect(populate(3 * M2 + 100)).toBe(3 * M2 + 100);
    expect(second.count().leaves).toEqual([100, 3, 0, 0]);
    expect(heap.freeFrames).toBe(0);
    expect(stage.populate(4 * M2, 1, { allocate: (order) => heap.allocate(order), giveBack() {} })).toBe(0);
  });

  it('a page that balloons out breaks its 2 MiB entry into 511, and one that comes back does not heal it', () => {
    const { second, stage, populate, heap } = scene();
    populate();
    expect(second.count().leaves).toEqual([0, 8, 0, 0]);
    stage.takeOut(1000);
    expect(second.count().leaves).toEqual([511, 7, 0, 0]);
    stage.put(1000, heap.allocate(0));
    expect(second.count().leaves).toEqual([512, 7, 0, 0]);
    expect(second.count().tables[0]).toBe(1);
  });

  it('logging protects large entries as they are and breaks those that are written, one table each', () => {
    const { second, stage, populate, mmu, boot } = scene();
    populate();
    const space = boot();
    expect(stage.beginLogging()).toBe(8);
    for (const page of [5, 6, 700]) {
      expect(mmu.access(space, page, true)).toBe(Fault.secondReadOnly);
      expect(mmu.translation.frame).toBe(page);
      expect(stage.logWrite(page)).toBe(true);
      expect(mmu.access(space, page, true)).toBe(Fault.none);
    }
    expect(second.count().leaves[1]).toBe(8 - 2);
    expect(stage.harvest()).toEqual([5, 6, 700]);
    expect(mmu.access(space, 5, true)).toBe(Fault.secondReadOnly);
    stage.endLogging();
    expect(mmu.access(space, 5, true)).toBe(Fault.none);
    expect(second.count().leaves).toEqual([1024, 6, 0, 0]);
  });

  it('leaves frames of others out of the log, with the right that they were entered with', () => {
    const { stage, populate } = scene();
    populate();
    stage.enterForeign(9000, 77, true);
    stage.enterForeign(9001, 78, false);
    expect(stage.beginLogging()).toBe(8);
    expect(stage.logWrite(9001)).toBe(false);
    expect(stage.harvest()).toEqual([]);
    stage.endLogging();
    expect(stage.logWrite(9000)).toBe(false);
    expect([stage.machineFrame(9000), stage.machineFrame(9001)]).toEqual([77, 78]);
  });

  it('keeps memory, log and caches as a reference in maps says, whatever comes in which order', () => {
    const kinds = ['write', 'write', 'write', 'read', 'out', 'in', 'foreign', 'log', 'harvest', 'stop'] as const;
    const step = fc.record({ kind: fc.constantFrom(...kinds), page: fc.constantFrom(5, 6, 511, 512, 700, 1023) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const { stage, populate, heap, mmu, boot } = scene(4 * M2);
        populate();
        const space = boot();
        const memory = new Map(Array.from({ length: 2 * M2 }, (_, page) => [page, stage.machineFrame(page)]));
        const foreign = new Set<number>();
        let dirty: Set<number> | null = null;
        for (const { kind, page } of steps) {
          if (kind === 'read' || kind === 'write') {
            let fault = mmu.access(space, page, kind === 'write');
            if (fault === Fault.secondReadOnly && !foreign.has(page)) {
              expect(dirty?.has(page)).toBe(false);
              expect(stage.logWrite(mmu.translation.frame)).toBe(true);
              fault = mmu.access(space, page, true);
            }
            const allowed = foreign.has(page) && kind === 'write' ? Fault.secondReadOnly : Fault.none;
            expect(fault).toBe(memory.has(page) ? allowed : Fault.secondNotMapped);
            if (fault === Fault.none) expect(mmu.translation.frame).toBe(memory.get(page));
            if (kind === 'write' && fault === Fault.none) dirty?.add(page);
          } else if (kind === 'out') {
            stage.takeOut(page);
            memory.delete(page);
            foreign.delete(page);
            dirty?.delete(page);
          } else if (kind === 'in' && !memory.has(page)) {
            const frame = heap.allocate(0);
            stage.put(page, frame);
            memory.set(page, frame);
          } else if (kind === 'foreign' && !memory.has(page)) {
            stage.enterForeign(page, 2 ** 19 + page, false);
            memory.set(page, 2 ** 19 + page);
            foreign.add(page);
          } else if (kind === 'log' && dirty === null) {
            stage.beginLogging();
            dirty = new Set();
          } else if (kind === 'harvest' && dirty !== null) {
            expect(stage.harvest()).toEqual([...dirty].toSorted((a, b) => a - b));
            dirty.clear();
          } else if (kind === 'stop' && dirty !== null) {
            stage.endLogging();
            dirty = null;
          }
          expect(stage.isLogging).toBe(dirty !== null);
          expect(auditNestedPaging(mmu, [space])).toEqual([]);
        }
        for (let page = 0; page < 2 * M2; page += 1) {
          if (stage.machineFrame(page) !== (memory.get(page) ?? -1)) expect.fail(`page ${page}`);
        }
      }),
      { numRuns: 40, seed: 11 },
    );
  });
});
