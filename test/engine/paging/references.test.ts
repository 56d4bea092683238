import { describe, expect, it } from 'vitest';
import { EntryFlag } from '../../../engine/host/entry.js';
import { ARM64_4K, type RadixFormat, X86_64, X86_64_5_LEVEL } from '../../../engine/paging/format.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { Fault } from '../../../engine/paging/translation.js';
import { NO_CACHES, tableMemory, nestedScene, unitOf } from './support.js';

const WALK_CACHE = [16, 4, 2, 2];
const ofLevels = (levels: number): RadixFormat => ({ levels, indexBits: 9, largestLeaf: Math.min(2, levels - 1) });
/** The closed form for n references in the guest's dimension and m in the second stage's. */
const closedForm = (n: number, m: number): number => (n + 1) * (m + 1) - 1;

const native = (format: RadixFormat, level: number, walk: readonly number[] | null = null) => {
  const machine = tableMemory(format, 1, 100);
  const table = new RadixTable(format, machine, machine.newTable());
  table.map(0, 2 ** 18, level, true);
  return { table, unit: unitOf(format, machine, { tlb: null, walk }), space: { tag: 1, rootFrame: table.rootFrame } };
};

describe('references of a native walk', () => {
  it('VM-01: x86-64 and arm64 read 4 entries', () => {
    for (const format of [X86_64, ARM64_4K]) {
      const { unit, space } = native(format, 0);
      expect(unit.access(space, 0, false)).toBe(Fault.none);
      expect(unit.counts.references).toBe(4);
    }
  });

  for (const levels of [1, 2, 3, 4, 5]) {
    for (let level = 0; level <= Math.min(2, levels - 1); level += 1) {
      it(`${levels} levels read ${levels - level} entries to a leaf of level ${level}`, () => {
        const { unit, space } = native(ofLevels(levels), level);
        unit.access(space, 0, true);
        expect(unit.counts.references).toBe(levels - level);
      });
    }
  }

  it('a walk goes on from the lowest cached table: one reference with the PDE, two with the PDPTE, three with the PML4E', () => {
    for (const [walk, references] of [
      [[1, 1, 1], 1],
      [[0, 1, 1], 2],
      [[0, 0, 1], 3],
      [[0, 0, 0], 4],
    ] as const) {
      const { unit, space } = native(X86_64, 0, walk);
      unit.access(space, 0, false);
      expect(unit.counts.references).toBe(4);
      unit.access(space, 0, false);
      expect(unit.counts.references - 4).toBe(references);
    }
  });
});

describe('references of a nested walk', () => {
  it('VM-01: 24 with 4 levels in both dimensions and nothing cached', () => {
    const { mmu, guest, space } = nestedScene(X86_64, X86_64, 0);
    guest.map(0, 1000, 0, true);
    expect(mmu.access(space, 0, true)).toBe(Fault.none);
    expect(mmu.references).toBe(24);
    expect([mmu.counts.references, mmu.second.counts.references]).toEqual([4, 20]);
  });

  it('35 with 5 levels in both', () => {
    const { mmu, guest, space } = nestedScene(X86_64_5_LEVEL, X86_64_5_LEVEL, 0);
    guest.map(0, 1000, 0, true);
    mmu.access(space, 0, false);
    expect(mmu.references).toBe(35);
  });

  for (const guestLevels of [1, 2, 3, 4, 5]) {
    for (const secondLevels of [2, 3, 4, 5]) {
      for (let guestLeaf = 0; guestLeaf <= Math.min(2, guestLevels - 1); guestLeaf += 1) {
        for (let secondLeaf = 0; secondLeaf <= Math.min(2, secondLevels - 1); secondLeaf += 1) {
          const n = guestLevels - guestLeaf;
          const m = secondLevels - secondLeaf;
          it(`${guestLevels} levels to a leaf of level ${guestLeaf} over ${secondLevels} to ${secondLeaf}: ${closedForm(n, m)}`, () => {
            const { mmu, guest, space } = nestedScene(ofLevels(guestLevels), ofLevels(secondLevels), secondLeaf);
            guest.map(0, 0, guestLeaf, true);
            expect(mmu.access(space, 0, true)).toBe(Fault.none);
            expect(mmu.references).toBe(closedForm(n, m));
          });
        }
      }
    }
  }

  it('each guest table costs the walk of its own leaf when the second stage has sizes side by side', () => {
    const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 1);
    guest.map(0, 1000, 0, true);
    second.split(512);
    mmu.access(space, 0, false);
    // Four tables in the first 2 MiB at 3 references each, and page 1000 in the split 2 MiB at 4.
    expect(mmu.references).toBe(4 * (3 + 1) + 4);
  });

  it('a nested TLB leaves the four guest entries and the walk of the page itself', () => {
    const tlb = [{ sets: 1, ways: 8 }];
    const { mmu, guest, space } = nestedScene(X86_64, X86_64, 0, NO_CACHES, { tlb, walk: null });
    guest.map(0, 1000, 0, true);
    guest.map(1, 1001, 0, true);
    mmu.access(space, 0, false);
    expect(mmu.references).toBe(24);
    mmu.access(space, 1, false);
    expect(mmu.references - 24).toBe(4 + 4);
    mmu.access(space, 1, false);
    expect(mmu.references - 24 - 8).toBe(4);
  });

  it('a combined walk cache leaves one guest entry and the walk of the page itself', () => {
    const { mmu, guest, space } = nestedScene(X86_64, X86_64, 0, { tlb: null, walk: WALK_CACHE });
    guest.map(0, 1000, 0, true);
    guest.map(1, 1001, 0, true);
    mmu.access(space, 0, false);
    mmu.access(space, 1, false);
    expect(mmu.references - 24).toBe(1 + 4);
  });

  it('walk caches in both dimensions leave one entry of each', () => {
    const caches = { tlb: null, walk: WALK_CACHE };
    const { mmu, guest, space } = nestedScene(X86_64, X86_64, 0, caches, caches);
    guest.map(0, 1000, 0, true);
    guest.map(1, 1001, 0, true);
    mmu.access(space, 0, false);
    const cold = mmu.references;
    expect(cold).toBeLessThan(24);
    mmu.access(space, 1, false);
    expect(mmu.references - cold).toBe(2);
  });

  it('setting flags in guest tables adds no reference, whether the second stage keeps flags or not', () => {
    for (const setsFlags of [true, false]) {
      const { mmu, guest, space } = nestedScene(X86_64, X86_64, 0, NO_CACHES, NO_CACHES, setsFlags);
      guest.map(0, 1000, 0, true);
      mmu.access(space, 0, true);
      expect(mmu.references).toBe(24);
      expect([mmu.counts.accessedSet, mmu.counts.dirtySet]).toEqual([4, 1]);
      guest.changeLeaf(0, 0, EntryFlag.dirty);
      mmu.access(space, 0, true);
      expect([mmu.counts.accessedSet, mmu.counts.dirtySet]).toEqual([4, 2]);
    }
  });
});
