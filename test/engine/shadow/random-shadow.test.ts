import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryFlag, packEntry } from '../../../engine/host/entry.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { auditShadow } from '../../../engine/shadow/audit-shadow.js';
import {
  Outcome,
  accessPage,
  invalidatePage,
  loadRoot,
  reach,
  storeEntry,
  writePage,
} from '../../../engine/shadow/shadow-paging.js';
import { dropTwins, forgetFrame } from '../../../engine/shadow/unshadow.js';
import { FIRST_FREE, FULL, ROOTS, type TestGuest, directPage, slowWalk, testGuest } from './support.js';

const FRAMES = 24;
/** Tables use the first entries only, so that random ones meet. */
const FAN = 3;
const PAGES = Array.from({ length: FAN ** 4 }, (_, at) =>
  [0, 1, 2, 3].reduce((page, level) => page + (Math.floor(at / FAN ** level) % FAN) * 512 ** level, 0),
);

const step = fc.record({
  kind: fc.constantFrom(
    ...Array<'leafStore'>(16).fill('leafStore'),
    ...Array<'access'>(24).fill('access'),
    ...(['store', 'store', 'rootStore', 'invalidate', 'load', 'load', 'zero', 'move', 'log', 'harvest'] as const),
  ),
  frame: fc.integer({ min: FIRST_FREE, max: FRAMES - 1 }),
  target: fc.integer({ min: FIRST_FREE, max: FRAMES }),
  index: fc.nat(FAN - 1),
  // Most of them where both roots have tables.
  page: fc.oneof({ weight: 6, arbitrary: fc.nat(17) }, fc.nat(PAGES.length - 1)),
  flags: fc.constantFrom(0, 1, 5, 7, 15, FULL, FULL, FULL),
  write: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Tables that the guest begins with: a tree below both roots, one lowest table in two places of it. */
const TREE: readonly (readonly [table: number, index: number, below: number])[] = [
  [ROOTS[0], 0, 4],
  [ROOTS[1], 0, 4],
  [ROOTS[1], 1, 4],
  [4, 0, 5],
  [4, 1, 6],
  [5, 0, 7],
  [5, 1, 8],
  [5, 2, 9],
  [6, 0, 10],
  [6, 1, 7],
];
const LOWEST_TABLES = [7, 8, 9, 10] as const;
const FIRST_DATA = 11;

const ENDS = {
  [Outcome.filled]: 'mapped',
  [Outcome.notMapped]: 'notMapped',
  [Outcome.readOnly]: 'readOnly',
  [Outcome.noMemory]: 'noMemory',
  [Outcome.emulate]: 'mapped',
} as const;

/** Copies a guest frame to another machine frame, as a hypervisor does that moves memory. */
const move = (guest: TestGuest, guestFrame: number, to: number): void => {
  const from = guest.p2m[guestFrame];
  forgetFrame(guest.state, from);
  guest.contents.set(to, guest.contents.get(from)!);
  guest.contents.delete(from);
  guest.p2m[guestFrame] = to;
  guest.logged?.add(to);
};

const run = (guest: TestGuest, steps: readonly Step[]): void => {
  const { state } = guest;
  let root: number = ROOTS[0];
  let spare = 3000;
  /** Whether the guest has changed a table since it flushed last. */
  let isStale = false;
  for (const [table, at, below] of TREE) guest.contents.get(guest.p2m[table])![at] = packEntry(below, FULL);
  loadRoot(state, root);
  for (const { kind, frame, target, index, page, flags, write } of steps) {
    const isLeaf = kind === 'leafStore';
    const data = FIRST_DATA + (target % (FRAMES - FIRST_DATA));
    const entry = flags === 0 ? 0 : packEntry(isLeaf ? data : target, flags);
    if (isLeaf || kind === 'store' || kind === 'rootStore') {
      const table = isLeaf ? LOWEST_TABLES[frame % LOWEST_TABLES.length] : kind === 'store' ? frame : root;
      storeEntry(state, directPage(table), index, entry);
      expect(guest.contents.get(guest.p2m[table])![index] & ~(EntryFlag.accessed | EntryFlag.dirty)).toBe(
        entry & ~(EntryFlag.accessed | EntryFlag.dirty),
      );
      isStale = true;
    } else if (kind === 'zero') {
      writePage(state, directPage(frame), 0);
      guest.contents.get(guest.p2m[frame])!.fill(0);
      isStale = true;
    } else if (kind === 'access') {
      const expected = slowWalk(guest, root, PAGES[page], write);
      const outcome = accessPage(state, PAGES[page], write, 'kernel');
      if (!isStale || ENDS[outcome] !== 'mapped') expect(ENDS[outcome]).toBe(expected.ends);
      if (!isStale && outcome === Outcome.filled) expect(reach(state, PAGES[page], write)).toBe(expected.frame);
    } else if (kind === 'invalidate') {
      invalidatePage(state, PAGES[page]);
    } else if (kind === 'load') {
      root = ROOTS[index % 2];
      loadRoot(state, root);
      isStale = false;
    } else if (kind === 'move') {
      move(guest, frame, spare);
      spare += 1;
    } else if (kind === 'log') {
      guest.logged = guest.logged === null ? new Set() : null;
      dropTwins(state);
    } else {
      guest.logged?.clear();
      dropTwins(state);
    }
    expect(auditShadow(state)).toEqual([]);
    if (isStale) continue;
    for (const each of PAGES) {
      for (const writing of [false, true]) {
        const reached = reach(state, each, writing);
        if (reached !== NO_FRAME) expect(reached).toBe(slowWalk(guest, root, each, writing).frame);
      }
    }
  }
};

describe('twins', () => {
  it.each([20, 60])(
    'come to what a slow walk of the guest tables and the p2m gives, whatever the guest stores, flushes, loads and touches: a pool of %i',
    (pool) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => run(testGuest(FRAMES, pool), steps)),
        { numRuns: 40, seed: 11 },
      );
    },
  );
});
