import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { EntryFlag } from '../../../engine/host/entry.js';
import type { RadixTlb } from '../../../engine/paging/radix-tlb.js';
import type { WalkCache } from '../../../engine/paging/walk-cache.js';
import { CACHES, NativePair, NestedPair, type Step, expectSound, steps } from './random-paging.js';

const SEQUENCES: Step[][] = fc.sample(steps(300), { numRuns: 12, seed: 3 });

const tlbOf = (pair: NativePair | NestedPair): RadixTlb =>
  (pair instanceof NativePair ? pair.unit : pair.mmu).spec.tlb!;
const walkCacheOf = (pair: NativePair | NestedPair): WalkCache =>
  (pair instanceof NativePair ? pair.unit : pair.mmu).spec.walkCache!;
const nothing = (): void => {};

/** Inserts with a field of what was found changed on the way. */
const corruptInsert = (tlb: RadixTlb, change: (found: Parameters<RadixTlb['insert']>[2]) => object): void => {
  const insert = tlb.insert.bind(tlb);
  tlb.insert = (tag, page, found) => insert(tag, page, { ...found, ...change(found) });
};

/** Makes every tag that reaches the cache the same. */
const ignoreTags = (cache: RadixTlb | WalkCache): void => {
  const find = cache.find.bind(cache);
  cache.find = (tag, page) => {
    const some = cache.tag.find((held) => held >= 0);
    const own = find(tag, page);
    return own >= 0 || some === undefined ? own : find(some, page);
  };
};

const native: readonly [string, (pair: NativePair) => void][] = [
  ['the flush of a page leaves the TLB alone', (pair) => void (pair.unit.flushPage = nothing)],
  [
    'the flush of a page drops the walk cache only',
    (pair) => void vi.spyOn(tlbOf(pair), 'flushPage').mockImplementation(nothing),
  ],
  [
    'the flush of a page leaves the walk cache alone',
    (pair) => void (pair.unit.flushPage = (tag, page) => tlbOf(pair).flushPage(tag, page)),
  ],
  ['the flush of a tag is skipped', (pair) => void (pair.unit.flushTag = nothing)],
  ['the flush of a tag leaves the TLB alone', (pair) => void (tlbOf(pair).flushTags = nothing)],
  [
    'the flush of a tag drops another tag',
    (pair) => {
      const flushTag = pair.unit.flushTag.bind(pair.unit);
      pair.unit.flushTag = (tag) => flushTag(3 - tag);
    },
  ],
  ['the flush of everything leaves the walk cache alone', (pair) => void (walkCacheOf(pair).flushAll = nothing)],
  ['the flush of everything leaves the TLB alone', (pair) => void (tlbOf(pair).flushAll = nothing)],
  ['the TLB ignores tags', (pair) => ignoreTags(tlbOf(pair))],
  ['the walk cache ignores tags', (pair) => ignoreTags(walkCacheOf(pair))],
  ['the TLB takes every entry for a large one', (pair) => corruptInsert(tlbOf(pair), () => ({ level: 1 }))],
  ['the TLB takes every entry for writable', (pair) => corruptInsert(tlbOf(pair), () => ({ writable: true }))],
  ['the TLB forgets that the dirty flag has to be set', (pair) => corruptInsert(tlbOf(pair), () => ({ dirty: true }))],
  ['writes need no permission in the TLB', (pair) => void (tlbOf(pair).serves = () => true)],
  [
    'the walk cache keeps the table of the wrong entry',
    (pair) => {
      const cache = walkCacheOf(pair);
      const insert = cache.insert.bind(cache);
      cache.insert = (tag, page, level, table, at, writable) =>
        insert(tag, page + 4 ** level, level, table, at, writable);
    },
  ],
  [
    'small entries of a run all get its first frame',
    (pair) => {
      const store = pair.memory.store.bind(pair.memory);
      pair.memory.store = (frame, index, entry) =>
        store(frame, index, isWithinRun(entry, index) ? entry - (index << 5) : entry);
    },
  ],
  [
    'stores lose write protection',
    (pair) => {
      const store = pair.memory.store.bind(pair.memory);
      pair.memory.store = (frame, index, entry) => store(frame, index, entry === 0 ? 0 : entry | EntryFlag.writable);
    },
  ],
  ['tables are not given back', (pair) => void (pair.memory.freeTable = nothing)],
  [
    'a freed table is still there and given out again',
    (pair) => {
      const newTable = pair.memory.newTable.bind(pair.memory);
      let last = -1;
      pair.memory.newTable = () => {
        const frame = last < 0 ? newTable() : last;
        last = last < 0 ? frame : -1;
        return frame;
      };
    },
  ],
];

/** Whether a store is of a small entry that goes on with an aligned run, as those of a split do. */
const isWithinRun = (entry: number, index: number): boolean =>
  index > 0 && (entry >>> 5) % 4 === index && (entry & 16) === 0;

const nested: readonly [string, (pair: NestedPair) => void][] = [
  ['a change of the second stage leaves the nested TLB alone', (pair) => void (pair.mmu.second.flushPage = nothing)],
  [
    'a change of the second stage leaves combined entries alone',
    (pair) => {
      pair.mmu.flushGuestFrame = (machine, frame) => pair.mmu.second.flushPage(machine, frame);
    },
  ],
  [
    'a change of the second stage drops the combined TLB, not the combined walk cache',
    (pair) => void (walkCacheOf(pair).flushTags = nothing),
  ],
  [
    'a change of the second stage drops one address space of the machine',
    (pair) => {
      const flushTags = tlbOf(pair).flushTags.bind(tlbOf(pair));
      tlbOf(pair).flushTags = (first) => flushTags(first + 1, first + 1);
    },
  ],
  [
    'the flush of a machine drops another',
    (pair) => {
      const flushMachine = pair.mmu.flushMachine.bind(pair.mmu);
      pair.mmu.flushMachine = (machine) => flushMachine(3 - machine);
    },
  ],
  ['the flush of a machine leaves the second stage alone', (pair) => void (pair.mmu.second.flushTag = nothing)],
  ['the flush of an address space is skipped', (pair) => void (pair.mmu.flushTag = nothing)],
  ['the guest flush of a page is skipped', (pair) => void (pair.mmu.flushPage = nothing)],
  ['the nested TLB ignores the machine', (pair) => ignoreTags(pair.mmu.second.spec.tlb!)],
  ['the combined TLB ignores the address space', (pair) => ignoreTags(tlbOf(pair))],
  ['the combined walk cache ignores the address space', (pair) => ignoreTags(walkCacheOf(pair))],
  [
    'a combined entry takes more than the smaller of the two sizes',
    (pair) => corruptInsert(tlbOf(pair), ({ level }) => ({ level: Math.min(level + 1, 2) })),
  ],
  [
    'the nested TLB takes every entry for writable',
    (pair) => corruptInsert(pair.mmu.second.spec.tlb!, () => ({ writable: true })),
  ],
  ['the combined TLB takes every entry for writable', (pair) => corruptInsert(tlbOf(pair), () => ({ writable: true }))],
  [
    'the nested TLB forgets that the dirty flag has to be set',
    (pair) => corruptInsert(pair.mmu.second.spec.tlb!, () => ({ dirty: true })),
  ],
  [
    'the guest is not translated by the second stage',
    (pair) => {
      const access = pair.mmu.second.access.bind(pair.mmu.second);
      pair.mmu.second.access = (space, page, write) => {
        const fault = access(space, page, write);
        if (page >= 48) pair.mmu.second.translation.frame = page;
        return fault;
      };
    },
  ],
  [
    'a second-stage violation names the wrong guest frame',
    (pair) => {
      const access = pair.mmu.access.bind(pair.mmu);
      pair.mmu.access = (space, page, write) => {
        const fault = access(space, page, write);
        if (fault > 2) pair.mmu.translation.frame += 1;
        return fault;
      };
    },
  ],
  [
    'a write-protected guest table can be flagged',
    (pair) => {
      const cache = walkCacheOf(pair);
      const insert = cache.insert.bind(cache);
      cache.insert = (tag, page, level, table, at) => insert(tag, page, level, table, at, true);
    },
  ],
];

/** Whether a difference from the reference or the audit shows in any of the sequences. */
const isCaught = (pairOf: () => NativePair | NestedPair): boolean =>
  SEQUENCES.some((sequence) => {
    const pair = pairOf();
    try {
      expectSound(pair, sequence);
      return false;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'AssertionError') throw error;
      return true;
    }
  });

describe('a mechanism broken on purpose is caught by the audit or the reference', () => {
  it('nothing is caught when nothing is broken', () => {
    expect(isCaught(() => new NativePair(CACHES[0]))).toBe(false);
    for (const setsFlags of [true, false]) {
      expect(isCaught(() => new NestedPair(CACHES[0], CACHES[0], setsFlags))).toBe(false);
    }
  });

  for (const [what, breakIt] of native) {
    it(`one dimension: ${what}`, () => {
      const pairOf = (): NativePair => {
        const pair = new NativePair(CACHES[0]);
        breakIt(pair);
        return pair;
      };
      expect(isCaught(pairOf)).toBe(true);
    });
  }

  for (const [what, breakIt] of nested) {
    it(`two dimensions: ${what}`, () => {
      const setsFlags = !what.includes('write-protected');
      const pairOf = (): NestedPair => {
        const pair = new NestedPair(CACHES[0], CACHES[0], setsFlags);
        breakIt(pair);
        return pair;
      };
      expect(isCaught(pairOf)).toBe(true);
    });
  }
});
