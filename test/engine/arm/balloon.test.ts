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
 * start. Tables and large entries: Linux took its 16384 pages from 34 and 33 pieces of 2 MiB, since its free lists are
 * not in one piece; how they lie is not known, and we assume one piece, 32 and 32. Both add up in the free pages.
 */
const KNOWN_MISSES: Readonly<Record<string, number>> = {
  '0 freePages': 126542,
  '1 freePages': 126510,
  '1 tablePages': 417,
  '1 largeEntries': 415,
  '2 freePages': 126478,
  '2 tablePages': 449,
  '2 largeEntries': 383,
  '3 freePages': 126478,
  '3 tablePages': 449,
  '3 largeEntries': 383,
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
   * The heap gives chunks of 2 MiB from the top down, each a run of its own, and pages that come back one by one; why the real
   * guest began with four runs is not known, and its balloon took pages from several places.
   */
  const RUNS_KNOWN = [128, 97, 65, 32833];

  it('gives its frames to the heap and takes them back', () => {
    const { arm } = running(2048);
    const guest = guestOn(arm, 'guest', 256);
    const counts = [[arm.host.heap.freeFrames, guest.model.ownedFrames().length, countRuns(guest)]];
    for (const step of [() => shrink(guest, MIB_64), () => shrink(guest, MIB_64), () => growBack(guest)]) {
      step();
      counts.push([arm.host.heap.freeFrames, guest.model.ownedFrames().length, countRuns(guest)]);
      expect(audit(arm.host)).toEqual([]);
    }
    expect(counts.slice(1).map(([free], index) => free - counts[index][0])).toEqual(FREED);
    expect(counts.map(([, owned]) => owned)).toEqual(OWNED);
    expect(counts.map(([, , runs]) => runs)).toEqual(RUNS_KNOWN);
    RUNS.forEach((runs, step) => expect(runs).not.toBe(RUNS_KNOWN[step]));
  });
});
