import { describe, expect, it } from 'vitest';
import type { EventName } from '../../engine/index.js';
import { DYNAMIC_PROGRAM } from '../../validation/scenes/dynamic-program.js';
import { contextSwitchJob, faultsByGuest, forkJob, syscallJob, touchJob } from '../../validation/scenes/jobs.js';
import type { ProgramPlan } from '../../validation/scenes/program.js';
import { STATIC_PROGRAM } from '../../validation/scenes/static-program.js';
import { linuxOn } from '../engine/linux/support.js';

type Counts = Partial<Record<EventName | 'faultsByGuest', number>>;

type JobName = 'syscall' | 'fork' | 'touch' | 'ctxsw';

const countsOf = (job: JobName, size: number, plan: ProgramPlan = DYNAMIC_PROGRAM): Counts => {
  const machine = linuxOn('p2m', 30_000);
  const { kernel } = machine;
  if (job === 'syscall') syscallJob(kernel, size, plan);
  if (job === 'fork') forkJob(kernel, size, plan);
  if (job === 'touch') touchJob(kernel, size, plan);
  if (job === 'ctxsw') contextSwitchJob(kernel, size, plan);
  expect(machine.violations()).toEqual([]);
  const counts: Counts = { faultsByGuest: faultsByGuest(machine.domain.account) };
  for (const { event, count, phase } of machine.domain.account.entries()) {
    if (phase === 'job') counts[event] = (counts[event] ?? 0) + count;
  }
  return counts;
};

const withOnePageOfText = (area: ProgramPlan['areas'][number]): ProgramPlan['areas'][number] =>
  area.name === 'program text' ? { ...area, pages: 1 } : area;

/** Counts of a real Xen 4.17 (xen-counts.yaml, events, pv), each less the null job's. */
const MEASURED = {
  'syscall 1000': {
    hypervisorPageFault: 1,
    emulatedWrite: 0,
    pageUpdate: 16,
    vaMappingUpdate: 0,
    mmuextOperation: 0,
    multicall: 0,
    iretHypercall: 1002,
  },
  'fork 100': {
    hypervisorPageFault: 2637,
    emulatedWrite: 832,
    pageUpdate: 16_720,
    writablePageUpdate: 5300,
    vaMappingUpdate: 2000,
    mmuextOperation: 2500,
    iretHypercall: 2236,
  },
  'ctxsw 1000': {
    hypervisorPageFault: 62,
    emulatedWrite: 38,
    pageUpdate: 203,
    writablePageUpdate: 53,
    vaMappingUpdate: 20,
    mmuextOperation: 4025,
    multicall: 2,
    iretHypercall: 4040,
  },
} as const satisfies Record<string, Counts>;

describe('jobs under P2M against a real Xen', () => {
  it('touch 64: exact', () => {
    expect(countsOf('touch', 64)).toMatchObject({
      hypervisorPageFault: 32_768,
      emulatedWrite: 16_384,
      pageUpdate: 16_448,
      vaMappingUpdate: 64,
      mmuextOperation: 66,
      multicall: 64,
    });
  });

  it.each([1, 2, 7, 30, 100])(
    'touch %i: as many entries as pages, two updates and calls a table, a flush a gather',
    (mebibytes) => {
      const pages = mebibytes * 256;
      const tables = Math.ceil(pages / 512);
      const flushes = Math.ceil(pages / (8 + 19 * 510));
      expect(countsOf('touch', mebibytes)).toMatchObject({
        hypervisorPageFault: 2 * pages,
        emulatedWrite: pages,
        pageUpdate: pages + 2 * tables,
        vaMappingUpdate: 2 * tables,
        mmuextOperation: 2 * tables + flushes,
        multicall: 2 * tables,
      });
    },
  );

  it.each(['syscall 1000', 'fork 100', 'ctxsw 1000'] as const)(
    '%s: each counter within the larger of 3 % and 3',
    (name) => {
      const [job, size] = name.split(' ') as [JobName, string];
      const counts = countsOf(job, Number(size));
      for (const [event, expected] of Object.entries(MEASURED[name])) {
        const actual = counts[event as EventName] ?? 0;
        const allowed = Math.max(3, expected * 0.03);
        expect(Math.abs(actual - expected), `${event}: ${actual}, measured ${expected}`).toBeLessThanOrEqual(allowed);
      }
    },
  );

  it.each([
    ['syscall', 1000, 1],
    ['fork', 100, 1806],
    ['touch', 64, 16_384],
    ['ctxsw', 1000, 25],
  ] as const)(
    '%s %i: the guest counts one fault more than the hypervisor where a child was forked',
    (job, size, counted) => {
      const { faultsByGuest: byGuest, guestPageFault } = countsOf(job, size);
      expect(byGuest).toBe(counted);
      expect(guestPageFault).toBe(counted - (job === 'fork' || job === 'ctxsw' ? 1 : 0));
    },
  );

  it.each([1, 3, 10])('fork %i: three entries of the program’s text a child more than one page of it has', (times) => {
    const short = { ...DYNAMIC_PROGRAM, areas: DYNAMIC_PROGRAM.areas.map(withOnePageOfText) };
    const entries = (plan: ProgramPlan): number => countsOf('fork', times, plan).pageUpdate!;
    expect(entries(DYNAMIC_PROGRAM) - entries(short)).toBe(3 * times);
  });

  it('fork 100: two multicalls a fork where no timer runs', () => {
    expect(countsOf('fork', 100).multicall).toBe(200);
  });

  it('fork and ctxsw: faults and emulated writes exact, by copies, reuse and the pages that are protected again', () => {
    const fork = countsOf('fork', 100);
    expect([fork.hypervisorPageFault, fork.emulatedWrite, fork.writablePageUpdate]).toEqual([2637, 832, 5300]);
    expect(fork.pageUpdate).toBe(16_720);
    const ctxsw = countsOf('ctxsw', 1000);
    expect([ctxsw.hypervisorPageFault, ctxsw.emulatedWrite, ctxsw.writablePageUpdate]).toEqual([62, 38, 53]);
    expect(ctxsw.pageUpdate).toBe(203);
  });
});

describe('jobs of the statically linked program', () => {
  it.each([
    ['syscall', 1000, 1],
    ['fork', 100, 801],
    ['touch', 64, 16_385],
    ['ctxsw', 1000, 9],
  ] as const)(
    '%s %i: as many guest page faults as measured, with the one of the count itself',
    (job, size, measured) => {
      expect(countsOf(job, size, STATIC_PROGRAM).faultsByGuest).toBe(measured);
      expect(countsOf(job, size, STATIC_PROGRAM).guestPageFault ?? 0).toBe(measured - 1);
    },
  );

  it('fork: eight faults each, two in the parent and six in the child', () => {
    const faults = [1, 2, 7].map((times) => countsOf('fork', times, STATIC_PROGRAM).guestPageFault);
    expect(faults).toEqual([8, 16, 56]);
  });
});
