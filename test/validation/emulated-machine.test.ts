import { describe, expect, it } from 'vitest';
import type { InterruptSource } from '../../engine/domain/interrupts.js';
import type { Domain } from '../../engine/index.js';
import { readCases } from '../../validation/cases.js';
import { DYNAMIC_PROGRAM } from '../../validation/scenes/dynamic-program.js';
import { emulatedMachine, eventCosts, paceOf, timersOf } from '../../validation/scenes/emulated-machine.js';
import { JOBS, type JobName, forkJob } from '../../validation/scenes/jobs.js';
import { type LinuxMachine, linuxMachine } from '../../validation/scenes/linux-machine.js';
import type { ProgramPlan } from '../../validation/scenes/program.js';
import { STATIC_PROGRAM } from '../../validation/scenes/static-program.js';

const machine = emulatedMachine(readCases());

/** xen-counts.yaml, instructions. */
const RECORDED: Readonly<Record<JobName, readonly [bare: number, pv: number]>> = {
  'syscall 1000': [374_484, 1_063_885],
  'fork 100': [15_345_800, 62_407_145],
  'touch 64': [81_973_720, 162_426_720],
  'ctxsw 1000': [11_765_703, 23_097_928],
};

/** Runs a job in the time of a machine; how long it took, in nanoseconds. */
const run = (
  costs: typeof machine.pv,
  sources: readonly InterruptSource[],
  plan: ProgramPlan,
  job: (kernel: LinuxMachine['kernel'], plan: ProgramPlan) => void,
): LinuxMachine & { readonly lastedNs: number } => {
  const linux = linuxMachine('p2m', 30_000, eventCosts(costs));
  const pace = paceOf(costs, sources);
  let startNs = 0;
  const begin = (domain: Domain): void => {
    pace.begin(domain);
    startNs = domain.interrupts!.nowNs;
  };
  job(linux.kernel, { ...plan, pace: { ...pace, begin } });
  return { ...linux, lastedNs: linux.domain.interrupts!.nowNs - startNs };
};

describe('the emulated machine', () => {
  it.each(JOBS)(
    '%s lasts as many nanoseconds on the engine as it took instructions, bare and under P2M',
    (name, job) => {
      const [bare, pv] = RECORDED[name];
      expect(run(machine.bare, [], STATIC_PROGRAM, job).lastedNs).toBeCloseTo(bare, 0);
      expect(run(machine.pv, [], STATIC_PROGRAM, job).lastedNs).toBeCloseTo(pv, 0);
    },
  );

  it('has no negative cost, and looks at an entry of a table in tens of instructions', () => {
    for (const cost of [...Object.values(machine.bare), ...Object.values(machine.pv)]) expect(cost).toBeGreaterThan(0);
    expect(machine.pv.pagePin! / 512).toBeGreaterThan(10);
    expect(machine.pv.pagePin! / 512).toBeLessThan(100);
  });
});

it('timers change how often multicalls go in and how often the kernel returns, by no more than they fired, and nothing else', () => {
  const job = (kernel: LinuxMachine['kernel'], plan: ProgramPlan): void => forkJob(kernel, 30, plan);
  const quiet = run(machine.pv, [], DYNAMIC_PROGRAM, job);
  const noisy = run(machine.pv, timersOf(), DYNAMIC_PROGRAM, job);
  const ticks = Math.floor(noisy.lastedNs / 4e6);
  const looks = Math.floor(noisy.lastedNs / 10e6);
  const more = (event: 'multicall' | 'iretHypercall'): number => noisy.count(event, 'job') - quiet.count(event, 'job');
  expect(more('iretHypercall')).toBe(ticks);
  expect(more('multicall')).toBeGreaterThan(0);
  expect(more('multicall')).toBeLessThanOrEqual(ticks + looks);
  for (const event of ['pageUpdate', 'vaMappingUpdate', 'mmuextOperation', 'pagePin', 'guestPageFault'] as const) {
    expect(noisy.count(event, 'job')).toBe(quiet.count(event, 'job'));
  }
});
