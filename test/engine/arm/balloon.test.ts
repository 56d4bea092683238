import { describe, expect, it } from 'vitest';
import { type Domain, audit, isFinding } from '../../../engine/index.js';
import type { ArmHost } from '../../../engine/arm/boot.js';
import {
  bootDomain0,
  buildGuest,
  countDirect,
  countRuns,
  growBack,
  mapRings,
  recordedHost,
  runGuest,
  shrink,
} from '../../../validation/scenes/arm-host.js';
import { PAGES_A_MEBIBYTE } from '../../../validation/predictions/counts-only-platform.js';

const MIB_64 = 64 * PAGES_A_MEBIBYTE;

const running = (hostMiB: number): { readonly arm: ArmHost; readonly domain0: Domain } => {
  const arm = recordedHost(hostMiB);
  const domain0 = bootDomain0(arm, 512);
  if (isFinding(domain0)) throw new Error(domain0.detail);
  return { arm, domain0 };
};

const guestOn = (arm: ArmHost, name: string, mebibytes: number): Domain => {
  const guest = buildGuest(arm, name, mebibytes * PAGES_A_MEBIBYTE);
  if (isFinding(guest)) throw new Error(guest.detail);
  return guest;
};

/** Rows of `balloon-direct` in xen-arm-counts.yaml: domain0 of 512 MiB on 1024 MiB. */
const RECORDED = [
  { freePages: 126458, owned: 131072, identityEntries: 131071, tablePages: 385, largeEntries: 447 },
  { freePages: 126424, owned: 131072, identityEntries: 114687, tablePages: 419, largeEntries: 413 },
  { freePages: 126391, owned: 131072, identityEntries: 98303, tablePages: 452, largeEntries: 380 },
  { freePages: 126391, owned: 131072, identityEntries: 131071, tablePages: 452, largeEntries: 380 },
] as const;

type Count = keyof (typeof RECORDED)[number];

/**
 * What the engine states otherwise. Free pages: 84 pages of Xen and of the running system are unexplained from the
 * start. Tables and large entries: Linux took its 16384 pages from 34 and 33 pieces of 2 MiB. Here its kernel ends in the middle
 * of one, so it takes them from 33 and 32; the real one had a few pages more free in one other piece each time.
 */
const KNOWN_MISSES: Readonly<Record<string, number>> = {
  '0 freePages': 126542,
  '1 freePages': 126509,
  '1 tablePages': 418,
  '1 largeEntries': 414,
  '2 freePages': 126477,
  '2 tablePages': 450,
  '2 largeEntries': 382,
  '3 freePages': 126477,
  '3 tablePages': 450,
  '3 largeEntries': 382,
};

describe('ballooning a direct domain0 that keeps its frames', () => {
  const { arm, domain0 } = running(1024);
  const steps = [countDirect(arm, domain0)];
  const violations = [audit(arm.host)];
  for (const step of [
    () => shrink(domain0, MIB_64),
    () => shrink(domain0, MIB_64),
    () => expect(growBack(domain0)).toBe(0),
  ]) {
    step();
    steps.push(countDirect(arm, domain0));
    violations.push(audit(arm.host));
  }

  const cells = RECORDED.flatMap((row, step) =>
    Object.entries(row).map(([count, expected]) => ({ step, count: count as Count, expected })),
  );
  it.each(cells)('step $step, $count: $expected, or a known miss', ({ step, count, expected }) => {
    const miss = KNOWN_MISSES[`${step} ${count}`];
    expect(miss).not.toBe(expected);
    expect(steps[step][count]).toBe(miss ?? expected);
  });

  it('frees nothing: free pages fall by the tables of broken 2 MiB entries, and nothing heals', () => {
    steps.slice(1).forEach((after, index) => {
      const before = steps[index];
      expect(before.freePages - after.freePages).toBe(after.tablePages - before.tablePages);
      expect(after.tablePages - before.tablePages).toBe(before.largeEntries - after.largeEntries);
    });
    expect(RECORDED.map(({ freePages, tablePages }) => freePages + tablePages)).toEqual(Array(4).fill(126843));
  });

  it('leaves no rule broken after any step', () => expect(violations).toEqual([[], [], [], []]));
});

describe('guests beside a ballooned direct domain0', () => {
  it('refuses a guest of 520 MiB while 32768 pages are ballooned out, and takes nothing', () => {
    const { arm, domain0 } = running(1024);
    shrink(domain0, 32768);
    const before = arm.host.heap.freeFrames;
    expect(buildGuest(arm, 'guest', 520 * PAGES_A_MEBIBYTE)).toMatchObject({ rule: 'heap-has-room' });
    expect(arm.host.heap.freeFrames).toBe(before);
    expect(audit(arm.host)).toEqual([]);
  });

  it('leaves domain0 2 pages short for each live guest whose rings it maps, until that guest dies', () => {
    const { arm, domain0 } = running(1024);
    shrink(domain0, 32768);
    const ends = ['one', 'two'].map((name, index) => mapRings(domain0, guestOn(arm, name, 64), index));
    expect(growBack(domain0)).toBe(4);
    expect(audit(arm.host)).toEqual([]);
    ends[0]();
    expect(growBack(domain0)).toBe(2);
    ends[1]();
    expect(growBack(domain0)).toBe(0);
    expect(countDirect(arm, domain0).identityEntries).toBe(131071);
    expect(audit(arm.host)).toEqual([]);
  });
});

describe('ballooning a translated guest of 256 MiB', () => {
  /** Row `from the heap` of `balloon-translated`; free pages as changes, since the tools' share is not modelled. */
  const FREED = [16384, 16384, -32768];
  const OWNED = [65536, 49152, 32768, 65536];
  const RUNS = [4, 27, 30, 32765];
  /**
   * One chunk, which the shared page parts in two, the shared page and the grant frame; the balloon's hole is one more. Each page that comes
   * back is a run of its own, as the heap gives them downward. The real balloon left 22 and then 3 small holes more.
   */
  const RUNS_KNOWN = [4, 5, 5, 32773];

  it('gives its frames to the heap and takes them back', () => {
    const { arm } = running(2048);
    const guest = runGuest(arm, 256 * PAGES_A_MEBIBYTE, 'hypervisor');
    const counts = [[arm.host.heap.freeFrames, guest.model.ownedFrames().length, countRuns(guest)]];
    for (const step of [() => shrink(guest, MIB_64), () => shrink(guest, MIB_64), () => growBack(guest)]) {
      step();
      counts.push([arm.host.heap.freeFrames, guest.model.ownedFrames().length, countRuns(guest)]);
      expect(audit(arm.host)).toEqual([]);
    }
    expect(counts.slice(1).map(([free], index) => free - counts[index][0])).toEqual(FREED);
    expect(counts.map(([, owned]) => owned)).toEqual(OWNED);
    expect(counts.map(([, , runs]) => runs)).toEqual(RUNS_KNOWN);
    expect(RUNS_KNOWN[0]).toBe(RUNS[0]);
  });
});
