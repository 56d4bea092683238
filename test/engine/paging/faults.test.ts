import { describe, expect, it } from 'vitest';
import { EntryFlag, isSet } from '../../../engine/host/entry.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { Fault } from '../../../engine/paging/translation.js';
import { NO_CACHES, tableMemory, nestedScene, unitOf } from './support.js';

const TLB = [
  { sets: 4, ways: 4 },
  { sets: 1, ways: 4 },
];

const native = () => {
  const machine = tableMemory(X86_64, 1, 100);
  const table = new RadixTable(X86_64, machine, machine.newTable());
  const unit = unitOf(X86_64, machine, { tlb: TLB, walk: [4, 2, 2] });
  return { table, unit, space: { tag: 1, rootFrame: table.rootFrame } };
};

describe('accessed and dirty flags', () => {
  it('the first read sets accessed in every entry on the way, the first write sets dirty in the leaf, once each', () => {
    const { table, unit, space } = native();
    table.map(3, 3, 0, true);
    unit.access(space, 3, false);
    expect([unit.counts.accessedSet, unit.counts.dirtySet]).toEqual([4, 0]);
    expect(isSet(table.leafEntry(3), EntryFlag.dirty)).toBe(false);
    unit.access(space, 3, true);
    unit.access(space, 3, true);
    expect([unit.counts.accessedSet, unit.counts.dirtySet]).toEqual([4, 1]);
    expect(isSet(table.leafEntry(3), EntryFlag.dirty)).toBe(true);
    expect([unit.counts.tlbHits, unit.counts.tlbMisses]).toEqual([1, 2]);
  });

  it('a dirty flag that was cleared is set again only after the flush', () => {
    const { table, unit, space } = native();
    table.map(3, 3, 0, true);
    unit.access(space, 3, true);
    table.changeLeaf(3, 0, EntryFlag.dirty);
    unit.access(space, 3, true);
    expect(isSet(table.leafEntry(3), EntryFlag.dirty)).toBe(false);
    unit.flushPage(1, 3);
    unit.access(space, 3, true);
    expect(isSet(table.leafEntry(3), EntryFlag.dirty)).toBe(true);
  });

  it('under nesting a write sets dirty in both leaves', () => {
    const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 0);
    guest.map(0, 1000, 0, true);
    mmu.access(space, 0, true);
    expect(isSet(guest.leafEntry(0), EntryFlag.dirty)).toBe(true);
    expect(isSet(second.leafEntry(1000), EntryFlag.dirty)).toBe(true);
  });

  it('a second stage that keeps flags takes references to guest tables for writes, one that keeps none does not', () => {
    for (const setsFlags of [true, false]) {
      const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 0, NO_CACHES, NO_CACHES, setsFlags);
      guest.map(0, 1000, 0, true);
      mmu.access(space, 0, false);
      expect(isSet(second.leafEntry(guest.rootFrame), EntryFlag.dirty)).toBe(setsFlags);
      expect(isSet(second.leafEntry(1000), EntryFlag.dirty)).toBe(false);
    }
  });
});

describe('faults', () => {
  it('a page without an entry, and a write to a read-only one', () => {
    const { table, unit, space } = native();
    table.map(3, 3, 0, false);
    expect(unit.access(space, 4, false)).toBe(Fault.notMapped);
    expect(unit.access(space, 3, true)).toBe(Fault.readOnly);
    expect(unit.access(space, 3, false)).toBe(Fault.none);
    expect(unit.access(space, 3, true)).toBe(Fault.readOnly);
    expect(isSet(table.leafEntry(3), EntryFlag.dirty)).toBe(false);
  });

  it('a right that was given needs no flush', () => {
    const { table, unit, space } = native();
    table.map(3, 3, 0, false);
    unit.access(space, 3, false);
    table.changeLeaf(3, EntryFlag.writable, 0);
    expect(unit.access(space, 3, true)).toBe(Fault.none);
  });

  it('a second-stage fault names the guest frame of the page', () => {
    const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 1);
    guest.map(0, 1000, 0, true);
    second.unmap(1000, 0);
    expect(mmu.access(space, 0, false)).toBe(Fault.secondNotMapped);
    expect(mmu.translation.frame).toBe(1000);
    second.map(1000, 7, 0, false);
    expect(mmu.access(space, 0, false)).toBe(Fault.none);
    expect(mmu.translation.frame).toBe(7);
    expect(mmu.access(space, 0, true)).toBe(Fault.secondReadOnly);
    expect(mmu.translation.frame).toBe(1000);
  });

  it('a second-stage fault on a guest table names the table', () => {
    const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 0);
    guest.map(0, 1000, 0, true);
    second.unmap(guest.rootFrame, 0);
    expect(mmu.access(space, 0, false)).toBe(Fault.secondNotMapped);
    expect(mmu.translation.frame).toBe(guest.rootFrame);
    expect(mmu.counts.references).toBe(0);
  });

  it('a write-protected guest table is read, and faults when a flag has to be set in it', () => {
    const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 0, NO_CACHES, NO_CACHES, false);
    guest.map(0, 1000, 0, true);
    mmu.access(space, 0, false);
    let leafTable = -1;
    guest.forEachTable((frame, level) => {
      if (level === 0) leafTable = frame;
    });
    second.changeLeaf(leafTable, 0, EntryFlag.writable);
    expect(mmu.access(space, 0, false)).toBe(Fault.none);
    expect(mmu.access(space, 0, true)).toBe(Fault.secondReadOnly);
    expect(mmu.translation.frame).toBe(leafTable);
  });

  it("the guest's own fault comes before that of the second stage", () => {
    const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 0);
    guest.map(0, 1000, 0, false);
    second.unmap(1000, 0);
    expect(mmu.access(space, 0, true)).toBe(Fault.readOnly);
  });
});
