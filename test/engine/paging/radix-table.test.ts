import { describe, expect, it } from 'vitest';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { EntryFlag, isSet, entryFrame } from '../../../engine/host/entry.js';
import { X86_64, X86_64_5_LEVEL } from '../../../engine/paging/format.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { tableMemory } from './support.js';

const M2 = 512;
const G1 = 512 * 512;

const scene = (frames = 100, format = X86_64) => {
  const memory = tableMemory(format, 1, frames);
  return { memory, table: new RadixTable(format, memory, memory.newTable()) };
};

describe('radix table', () => {
  it('maps 4 KiB, 2 MiB and 1 GiB with 4, 3 and 2 tables on the way', () => {
    for (const [level, tables] of [
      [0, 4],
      [1, 3],
      [2, 2],
    ]) {
      const { table, memory } = scene();
      table.map(0, 0, level, true);
      expect(memory.tables.size).toBe(tables);
      expect(table.count().leaves.reduce((sum, count) => sum + count)).toBe(1);
      expect(table.leafLevel(512 ** level - 1)).toBe(level);
      expect(table.leafLevel(512 ** level)).toBe(-1);
    }
  });

  it('a 2 MiB entry breaks into 512 of the same frames and flags, for one table', () => {
    const { table, memory } = scene();
    table.map(M2, 4 * M2, 1, false);
    table.changeLeaf(M2, EntryFlag.accessed, 0);
    expect(table.split(M2 + 5)).toBe(true);
    expect(table.count()).toEqual({ tables: [1, 1, 1, 1], leaves: [512, 0, 0, 0] });
    expect(memory.tables.size).toBe(4);
    for (let page = M2; page < 2 * M2; page += 1) {
      const entry = table.leafEntry(page);
      expect(entryFrame(entry)).toBe(page + 3 * M2);
      expect(entry & 31).toBe(EntryFlag.present | EntryFlag.accessed);
    }
    expect(table.split(M2 + 5)).toBe(false);
  });

  it('taking 4 KiB out of 1 GiB leaves 511 entries of 2 MiB and 511 of 4 KiB', () => {
    const { table } = scene();
    table.map(0, 0, 2, true);
    table.unmap(1000, 0);
    expect(table.count()).toEqual({ tables: [1, 1, 1, 1], leaves: [511, 511, 0, 0] });
    expect(table.leafLevel(1000)).toBe(-1);
  });

  it('never heals by itself: a page that comes back leaves its 2 MiB in pieces until a collapse is asked for', () => {
    const { table, memory } = scene();
    table.map(0, 0, 1, true);
    table.unmap(7, 0);
    expect(table.collapse(0, 1)).toBe(false);
    table.map(7, 7, 0, true);
    expect(table.count().leaves).toEqual([512, 0, 0, 0]);
    table.changeLeaf(9, EntryFlag.dirty, 0);
    expect(table.collapse(0, 1)).toBe(true);
    expect(table.count().leaves).toEqual([0, 1, 0, 0]);
    expect(isSet(table.leafEntry(0), EntryFlag.dirty)).toBe(true);
    expect(memory.tables.size).toBe(3);
  });

  it('pruning gives back the tables that hold nothing, up to the first that holds something, and never the root', () => {
    const { table, memory } = scene();
    table.map(0, 0, 0, true);
    table.map(G1, 9, 0, true);
    expect(memory.tables.size).toBe(6);
    expect(table.prune(0)).toBe(0);
    table.unmap(0, 0);
    expect([memory.tables.size, table.prune(0), memory.tables.size]).toEqual([6, 2, 4]);
    table.unmap(G1, 0);
    expect([table.prune(G1), table.prune(G1), memory.tables.size]).toEqual([3, 0, 1]);
    expect(table.map(5, 6, 0, true)).toBe(true);
    expect(table.leafLevel(5)).toBe(0);
  });

  it('does not collapse another order, other rights, or a run that is not aligned', () => {
    for (const spoil of [
      (table: RadixTable) => table.map(7, 8, 0, true),
      (table: RadixTable) => table.changeLeaf(511, 0, EntryFlag.writable),
    ]) {
      const { table } = scene();
      table.mapRun(0, 1024, M2, true);
      table.split(0);
      spoil(table);
      expect(table.collapse(0, 1)).toBe(false);
    }
    const { table } = scene();
    table.mapRun(0, 1, M2, true);
    expect(table.collapse(0, 1)).toBe(false);
  });

  it('maps a run in entries as large as alignment allows', () => {
    const { table } = scene();
    // 3 pages up to 2 MiB, then 1022 MiB in 511 entries up to 1 GiB, then 1 GiB and 2 pages.
    table.mapRun(M2 - 3, M2 - 3, 3 + (G1 - M2) + G1 + 2, true);
    expect(table.count().leaves).toEqual([5, 511, 1, 0]);
    const off = scene();
    off.table.mapRun(0, 1, M2, true);
    expect(off.table.count().leaves).toEqual([512, 0, 0, 0]);
  });

  it('a large entry over tables gives them back', () => {
    const { table, memory } = scene();
    for (let page = 0; page < G1; page += 8 * M2) table.map(page, page, 0, true);
    expect(memory.tables.size).toBe(2 + 1 + 64);
    table.map(0, G1, 2, true);
    expect(memory.tables.size).toBe(2);
  });

  it('says when no frame is left for a table, and changes no translation then', () => {
    const { table } = scene(3);
    expect(table.map(0, 0, 1, true)).toBe(true);
    expect(table.split(0)).toBe(false);
    expect(table.unmap(0, 0)).toBe(false);
    expect(table.map(0, 9, 0, true)).toBe(false);
    expect(table.leafLevel(0)).toBe(1);
    expect(table.map(M2, M2, 1, true)).toBe(true);
  });

  it('gives every table back on release', () => {
    const { table, memory } = scene();
    table.mapRun(3, 3, 5 * M2, true);
    table.release();
    expect(memory.tables.size).toBe(0);
    expect(memory.newTable()).not.toBe(NO_FRAME);
  });

  it('tells pages apart over 2^32', () => {
    const { table } = scene(100, X86_64_5_LEVEL);
    table.map(5, 1, 0, true);
    table.map(5 + 2 ** 32, 2, 0, true);
    table.map(5 + 2 ** 44, 3, 0, true);
    expect([5, 5 + 2 ** 32, 5 + 2 ** 44].map((page) => entryFrame(table.leafEntry(page)))).toEqual([1, 2, 3]);
    expect(table.leafLevel(5 + 2 ** 36)).toBe(-1);
  });

  it('refuses what is not aligned', () => {
    const { table } = scene();
    expect(() => table.map(1, 0, 1, true)).toThrow(RangeError);
    expect(() => table.map(0, 1, 1, true)).toThrow(RangeError);
    expect(() => table.map(0, 0, 3, true)).toThrow(RangeError);
  });
});
