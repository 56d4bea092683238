import { describe, expect, it } from 'vitest';
import { auditNestedPaging, auditPaging } from '../../../engine/paging/audit-paging.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { RadixTlb } from '../../../engine/paging/radix-tlb.js';
import { newTranslation } from '../../../engine/paging/translation.js';
import { WalkCache } from '../../../engine/paging/walk-cache.js';
import { arena, tableMemory, nestedScene, unitOf } from './support.js';

const TLB = [
  { sets: 4, ways: 4 },
  { sets: 1, ways: 4 },
  { sets: 1, ways: 4 },
];
const CACHES = { tlb: TLB, walk: [4, 2, 2] };
const at = (frame: number, level = 0) => ({ ...newTranslation(), frame, level });

describe('TLB', () => {
  it('drops the entry of the set that was used longest ago', () => {
    const tlb = new RadixTlb(arena, X86_64, [{ sets: 2, ways: 2 }]);
    for (const page of [0, 2]) tlb.insert(1, page, at(page));
    tlb.find(1, 0);
    tlb.insert(1, 4, at(4));
    tlb.insert(1, 1, at(1));
    expect([0, 1, 2, 4].map((page) => tlb.find(1, page) >= 0)).toEqual([true, true, false, true]);
  });

  it('one entry of 2 MiB serves its 512 pages, and where that size is not kept, one page', () => {
    const large = new RadixTlb(arena, X86_64, TLB);
    const small = new RadixTlb(arena, X86_64, [{ sets: 4, ways: 4 }]);
    const found = newTranslation();
    for (const tlb of [large, small]) tlb.insert(1, 512 + 9, at(4096 + 9, 1));
    large.read(large.find(1, 1023), 1023, found);
    expect([found.frame, found.level]).toEqual([4096 + 511, 1]);
    expect(large.find(1, 1024)).toBe(-1);
    expect(small.find(1, 512)).toBe(-1);
    small.read(small.find(1, 521), 521, found);
    expect([found.frame, found.level]).toEqual([4096 + 9, 0]);
  });

  it('drops by page, by tag, and all', () => {
    const tlb = new RadixTlb(arena, X86_64, TLB);
    const fill = (): void => [1, 2, 3].forEach((tag) => [8, 9].forEach((page) => tlb.insert(tag, page, at(page))));
    const held = (): string[] =>
      [1, 2, 3].flatMap((tag) => [8, 9].filter((page) => tlb.find(tag, page) >= 0).map((page) => `${tag}:${page}`));
    fill();
    tlb.flushPage(1, 8);
    expect(held()).toEqual(['1:9', '2:8', '2:9', '3:8', '3:9']);
    tlb.flushTags(2, 2);
    expect(held()).toEqual(['1:9', '3:8', '3:9']);
    tlb.flushAll();
    expect(held()).toEqual([]);
  });
});

describe('walk cache', () => {
  it('finds the lowest table on the way and drops what was used longest ago, level by level', () => {
    const cache = new WalkCache(arena, X86_64, [2, 1]);
    cache.insert(1, 0, 2, 20, 20, true);
    cache.insert(1, 0, 1, 10, 10, true);
    cache.insert(1, 512, 1, 11, 11, true);
    expect(cache.tableFrame[cache.find(1, 5)]).toBe(10);
    cache.insert(1, 1024, 1, 12, 12, true);
    expect(cache.tableFrame[cache.find(1, 512)]).toBe(20);
    expect(cache.tableFrame[cache.find(1, 5)]).toBe(10);
    expect(cache.find(2, 5)).toBe(-1);
    cache.insert(1, 0, 3, 30, 30, true);
    expect(cache.find(1, 512 ** 2)).toBe(-1);
  });
});

describe('audit of cached entries', () => {
  const native = () => {
    const machine = tableMemory(X86_64, 1, 100);
    const table = new RadixTable(X86_64, machine, machine.newTable());
    const unit = unitOf(X86_64, machine, CACHES);
    const space = { tag: 1, rootFrame: table.rootFrame };
    table.map(512, 512, 1, true);
    table.map(7, 7, 0, true);
    unit.access(space, 600, true);
    unit.access(space, 7, true);
    return { table, unit, space };
  };

  it('finds nothing when tables and caches agree', () => {
    const { unit, space } = native();
    expect(auditPaging(unit, [space])).toEqual([]);
  });

  it('finds a planted entry of each kind: frame, size, right, dirty flag, tag, absent page, absent table', () => {
    const plant: [string, (scene: ReturnType<typeof native>) => void][] = [
      ['gives frame 8, the tables give 7', ({ unit }) => unit.spec.tlb!.insert(1, 7, at(8))],
      ['is of level 1, the tables have 0', ({ table }) => void table.split(600)],
      ['is writable, the tables are not', ({ table }) => void table.changeLeaf(7, 0, 2)],
      ['skips a dirty flag that is clear', ({ table }) => void table.changeLeaf(7, 0, 8)],
      ['has the tag of no address space', ({ unit }) => unit.spec.tlb!.insert(9, 7, at(7))],
      ['is not mapped by the tables', ({ unit }) => unit.spec.tlb!.insert(1, 9, at(9))],
      [
        'points to a table of level 0 that is not there',
        ({ unit }) => unit.spec.walkCache!.insert(1, 512, 1, 4, 4, true),
      ],
    ];
    for (const [detail, act] of plant) {
      const scene = native();
      act(scene);
      expect(auditPaging(scene.unit, [scene.space]).map((stale) => stale.detail)).toEqual([detail]);
    }
  });

  it('under nesting, finds what a change of the second stage leaves behind, and nothing after the flush', () => {
    const { mmu, guest, second, space } = nestedScene(X86_64, X86_64, 0, CACHES, CACHES);
    guest.map(0, 1000, 0, true);
    mmu.access(space, 0, true);
    second.map(1000, 77, 0, true);
    expect(auditNestedPaging(mmu, [space]).map(({ cache, page }) => [cache, page])).toEqual([
      ['tlb', 0],
      ['nested tlb', 1000],
    ]);
    mmu.second.flushPage(1, 1000);
    expect(auditNestedPaging(mmu, [space]).map(({ cache }) => cache)).toEqual(['tlb']);
    mmu.flushGuestFrame(1, 1000);
    expect(auditNestedPaging(mmu, [space])).toEqual([]);
  });
});
