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
  twinEntry,
  writePage,
} from '../../../engine/shadow/shadow-paging.js';
import { KNOWN_ABSENT, TwinKind } from '../../../engine/shadow/twin-kind.js';
import { dropTwins } from '../../../engine/shadow/unshadow.js';
import { FULL, READ, ROOTS, type TestGuest, directPage, testGuest } from './support.js';

const L3 = 4;
const L2 = 5;
const LOWEST = [6, 7, 8, 9] as const;
/** The page that entry `index` of the lowest table `table` (0 to 3) maps. */
const pageOf = (table: number, index: number): number => table * 512 + index;

const put = ({ contents, p2m }: TestGuest, table: number, index: number, entry: number): void => {
  contents.get(p2m[table])![index] = entry;
};

/** A guest with four lowest tables below both roots, and its own mapping used once, so that it is filled. */
const guestWithTables = (poolFrames?: number): TestGuest => {
  const guest = testGuest(64, poolFrames);
  for (const root of ROOTS) put(guest, root, 0, packEntry(L3, FULL));
  put(guest, L3, 0, packEntry(L2, FULL));
  LOWEST.forEach((table, at) => put(guest, L2, at, packEntry(table, FULL)));
  loadRoot(guest.state, ROOTS[0]);
  for (let frame = 0; frame < 64; frame += 1) accessPage(guest.state, directPage(frame), true, 'kernel');
  guest.counts();
  return guest;
};

const exits = (guest: TestGuest, work: () => void): number => {
  guest.counts();
  work();
  expect(auditShadow(guest.state)).toEqual([]);
  return guest.counts().pageFaultExit ?? 0;
};

describe('a page-fault exit', () => {
  it("fills the page's entry and up to 31 after it; a page that the guest does not map is known as absent", () => {
    const guest = guestWithTables();
    for (let index = 0; index < 8; index += 1) put(guest, LOWEST[0], index, packEntry(40 + index, FULL));
    expect(exits(guest, () => accessPage(guest.state, pageOf(0, 0), true, 'user'))).toBe(1);
    for (let index = 0; index < 8; index += 1) {
      expect(reach(guest.state, pageOf(0, index), true)).toBe(guest.p2m[40 + index]);
    }
    expect(twinEntry(guest.state, pageOf(0, 8))).toBe(KNOWN_ABSENT);
    expect(twinEntry(guest.state, pageOf(0, 31))).toBe(KNOWN_ABSENT);
    expect(twinEntry(guest.state, pageOf(0, 32))).toBe(0);
  });

  it('does not look past an entry whose accessed flag is still to be set, since that takes a fault of its own', () => {
    const guest = guestWithTables();
    put(guest, LOWEST[0], 0, packEntry(40, FULL));
    put(guest, LOWEST[0], 1, packEntry(41, EntryFlag.present));
    put(guest, LOWEST[0], 2, packEntry(42, READ));
    accessPage(guest.state, pageOf(0, 0), false, 'user');
    expect(twinEntry(guest.state, pageOf(0, 1))).toBe(0);
    expect(exits(guest, () => accessPage(guest.state, pageOf(0, 1), false, 'user'))).toBe(1);
    expect(reach(guest.state, pageOf(0, 2), false)).toBe(guest.p2m[42]);
  });

  it('lets the first write be seen: it sets the dirty flag, of a large entry too', () => {
    const guest = guestWithTables();
    put(guest, LOWEST[0], 0, packEntry(40, READ | EntryFlag.writable));
    accessPage(guest.state, pageOf(0, 0), false, 'user');
    expect(exits(guest, () => accessPage(guest.state, pageOf(0, 0), true, 'user'))).toBe(1);
    expect(guest.contents.get(guest.p2m[LOWEST[0]])![0]).toBe(packEntry(40, FULL));
    put(guest, L2, 5, packEntry(0, READ | EntryFlag.writable | EntryFlag.large));
    accessPage(guest.state, pageOf(5, 40), false, 'user');
    expect(exits(guest, () => accessPage(guest.state, pageOf(5, 40), true, 'user'))).toBe(1);
    expect(reach(guest.state, pageOf(5, 40), true)).toBe(guest.p2m[40]);
    expect(guest.contents.get(guest.p2m[L2])![5]).toBe(packEntry(0, FULL | EntryFlag.large));
  });

  it("passes the guest's own fault on: without a walk where the page is known as absent", () => {
    const guest = guestWithTables();
    put(guest, LOWEST[0], 0, packEntry(40, READ));
    expect(accessPage(guest.state, pageOf(0, 0), true, 'user')).toBe(Outcome.readOnly);
    accessPage(guest.state, pageOf(0, 0), false, 'user');
    guest.counts();
    expect(accessPage(guest.state, pageOf(0, 1), false, 'user')).toBe(Outcome.notMapped);
    expect(guest.counts()).toEqual({ pageFaultExit: 1, faultPassedOn: 1 });
    expect(accessPage(guest.state, pageOf(0, 40), false, 'user')).toBe(Outcome.notMapped);
    expect(guest.counts()).toEqual({ pageFaultExit: 1, faultPassedOn: 1, shadowWalk: 1 });
  });

  it('of a program that writes to what was a table takes its twins away', () => {
    const guest = guestWithTables();
    put(guest, LOWEST[0], 0, packEntry(LOWEST[3], FULL));
    accessPage(guest.state, pageOf(3, 0), false, 'user');
    put(guest, LOWEST[3], 1, packEntry(40, READ));
    accessPage(guest.state, pageOf(3, 1), false, 'user');
    expect(guest.state.uses.isTable(guest.p2m[LOWEST[3]])).toBe(true);
    accessPage(guest.state, pageOf(0, 0), true, 'user');
    expect(guest.state.uses.isTable(guest.p2m[LOWEST[3]])).toBe(false);
    expect(auditShadow(guest.state)).toEqual([]);
  });
});

describe('a store of the guest to a lowest table', () => {
  const shadowAll = (guest: TestGuest): void => {
    for (let table = 0; table < 4; table += 1) {
      put(guest, LOWEST[table], 9, packEntry(50, READ));
      accessPage(guest.state, pageOf(table, 9), false, 'user');
    }
  };

  it('exits once, then the table is out of sync: its twin follows when a root is loaded, and the next store exits again', () => {
    const guest = guestWithTables();
    shadowAll(guest);
    const store = (index: number, entry: number) => () => storeEntry(guest.state, directPage(LOWEST[0]), index, entry);
    expect(exits(guest, store(9, packEntry(51, READ)))).toBe(1);
    expect(exits(guest, store(10, packEntry(52, READ)))).toBe(0);
    expect(reach(guest.state, pageOf(0, 9), false)).toBe(guest.p2m[50]);
    loadRoot(guest.state, ROOTS[0]);
    expect(reach(guest.state, pageOf(0, 9), false)).toBe(guest.p2m[51]);
    expect(reach(guest.state, pageOf(0, 10), false)).toBe(guest.p2m[52]);
    expect(exits(guest, store(9, 0))).toBe(1);
  });

  it('a flush of the page alone makes the twin look again', () => {
    const guest = guestWithTables();
    shadowAll(guest);
    storeEntry(guest.state, directPage(LOWEST[0]), 9, packEntry(51, READ));
    invalidatePage(guest.state, pageOf(0, 9));
    expect(reach(guest.state, pageOf(0, 9), false)).toBe(NO_FRAME);
    accessPage(guest.state, pageOf(0, 9), false, 'user');
    expect(reach(guest.state, pageOf(0, 9), false)).toBe(guest.p2m[51]);
  });

  it('three tables are out of sync at most: a fourth brings one of them back', () => {
    const guest = guestWithTables();
    shadowAll(guest);
    for (const table of LOWEST) storeEntry(guest.state, directPage(table), 20, packEntry(51, READ));
    expect(guest.state.outOfSync.tables.length).toBe(3);
    expect(guest.counts()).toMatchObject({ tableUnsync: 4, tableResync: 1 });
    expect(auditShadow(guest.state)).toEqual([]);
  });

  it('a new twin near the root brings all tables into sync', () => {
    const guest = guestWithTables();
    shadowAll(guest);
    put(guest, ROOTS[0], 1, packEntry(L3, FULL));
    storeEntry(guest.state, directPage(LOWEST[0]), 20, packEntry(51, READ));
    expect(guest.state.outOfSync.tables).toEqual([guest.p2m[LOWEST[0]]]);
    accessPage(guest.state, 512 ** 3 + pageOf(1, 9), false, 'user');
    expect(guest.state.outOfSync.tables).toEqual([]);
  });
});

describe('a store of the guest to a higher table', () => {
  it('exits each time and is emulated; the second zero in a row takes the twins away, and the third needs no emulation', () => {
    const guest = guestWithTables();
    for (let table = 0; table < 4; table += 1) {
      put(guest, LOWEST[table], 9, packEntry(50, READ));
      accessPage(guest.state, pageOf(table, 9), false, 'user');
    }
    const clear = (index: number) => () => storeEntry(guest.state, directPage(L2), index, 0);
    guest.counts();
    clear(0)();
    expect(guest.counts()).toMatchObject({ pageFaultExit: 1, emulatedWrite: 1 });
    expect(guest.state.uses.isTable(guest.p2m[L2])).toBe(true);
    clear(1)();
    expect(guest.counts()).toMatchObject({ pageFaultExit: 1, emulatedWrite: 1 });
    expect(guest.state.uses.isTable(guest.p2m[L2])).toBe(false);
    clear(2)();
    expect(guest.counts().emulatedWrite ?? 0).toBe(0);
    expect(exits(guest, clear(3))).toBe(0);
    expect(
      guest.contents
        .get(guest.p2m[L2])!
        .slice(0, 4)
        .every((entry) => entry === 0),
    ).toBe(true);
  });

  it('another fault between two zeros leaves the twins', () => {
    const guest = guestWithTables();
    put(guest, LOWEST[3], 9, packEntry(50, READ));
    accessPage(guest.state, pageOf(3, 9), false, 'user');
    storeEntry(guest.state, directPage(L2), 0, 0);
    accessPage(guest.state, pageOf(3, 100), false, 'user');
    storeEntry(guest.state, directPage(L2), 1, 0);
    expect(guest.state.uses.isTable(guest.p2m[L2])).toBe(true);
  });

  it('an entry that names no memory shows that it is no table', () => {
    const guest = guestWithTables();
    put(guest, LOWEST[3], 9, packEntry(50, READ));
    accessPage(guest.state, pageOf(3, 9), false, 'user');
    storeEntry(guest.state, directPage(L2), 0, packEntry(9999, FULL));
    expect(guest.state.uses.isTable(guest.p2m[L2])).toBe(false);
    expect(auditShadow(guest.state)).toEqual([]);
  });
});

describe('a root', () => {
  it('that is cleared to be used anew takes two emulated stores and a fill, then it is plain memory', () => {
    const guest = guestWithTables();
    loadRoot(guest.state, ROOTS[1]);
    for (let frame = 0; frame < 64; frame += 1) accessPage(guest.state, directPage(frame), true, 'kernel');
    guest.contents.get(guest.p2m[ROOTS[0]])!.fill(0);
    expect(guest.state.uses.kinds(guest.p2m[ROOTS[0]])).toBe(1 << TwinKind.l4);
    expect(exits(guest, () => writePage(guest.state, directPage(ROOTS[0]), 0))).toBe(3);
    expect(guest.state.uses.isTable(guest.p2m[ROOTS[0]])).toBe(false);
  });

  it('keeps its twin while another is loaded; the pool takes the one that was loaded longest ago', () => {
    const guest = guestWithTables(18);
    put(guest, LOWEST[0], 0, packEntry(40, READ));
    accessPage(guest.state, pageOf(0, 0), false, 'user');
    loadRoot(guest.state, ROOTS[1]);
    expect(guest.state.twins.find(guest.p2m[ROOTS[0]], TwinKind.l4)).toBeGreaterThanOrEqual(0);
    loadRoot(guest.state, ROOTS[0]);
    expect(exits(guest, () => accessPage(guest.state, pageOf(0, 0), false, 'user'))).toBe(0);
    const small = guestWithTables(14);
    for (const table of LOWEST) put(small, table, 0, packEntry(40, READ));
    loadRoot(small.state, ROOTS[1]);
    for (const table of [0, 1, 2, 3]) accessPage(small.state, pageOf(table, 0), false, 'user');
    expect(small.state.twins.find(small.p2m[ROOTS[0]], TwinKind.l4)).toBe(-1);
    expect(auditShadow(small.state)).toEqual([]);
  });
});

describe('under log-dirty', () => {
  it('each harvest drops all twins, so that a page that is only read faults again; a page is marked at its first write', () => {
    const guest = guestWithTables();
    put(guest, LOWEST[0], 0, packEntry(40, FULL));
    put(guest, LOWEST[0], 1, packEntry(41, FULL));
    guest.logged = new Set();
    dropTwins(guest.state);
    expect(exits(guest, () => accessPage(guest.state, pageOf(0, 0), true, 'user'))).toBe(1);
    expect(guest.logged).toEqual(new Set([guest.p2m[40]]));
    expect(exits(guest, () => accessPage(guest.state, pageOf(0, 1), true, 'user'))).toBe(1);
    expect(guest.logged.has(guest.p2m[41])).toBe(true);
    guest.logged.clear();
    dropTwins(guest.state);
    expect(exits(guest, () => accessPage(guest.state, pageOf(0, 0), false, 'user'))).toBe(1);
    expect(guest.logged.size).toBe(0);
  });
});
