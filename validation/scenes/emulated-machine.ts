import type { Domain, EventName } from '../../engine/index.js';
import { type InterruptSource, Interrupts } from '../../engine/domain/interrupts.js';
import type { CaseBook } from '../case.js';
import { JOBS, type JobName, faultsByGuest } from './jobs.js';
import { linuxMachine } from './linux-machine.js';
import type { KernelWork, Pace } from './program.js';
import { STATIC_PROGRAM } from './static-program.js';

/** What a job did: events of memory management, and pieces of the kernel's own work. */
type JobCounts = Readonly<Partial<Record<EventName | KernelWork, number>>>;

/** Instructions of each event and piece of work; what is left out takes none. */
type Instructions = Readonly<Partial<Record<EventName | KernelWork, number>>>;

/**
 * The machine that the counts were taken on, as far as time goes: an emulator that counts instructions. How many each event takes
 * was set on the rows *instructions*, for which a statically linked program ran alone; docs/models/processes.md has the equations.
 */
export interface EmulatedMachine {
  readonly bare: Instructions;
  readonly pv: Instructions;
  /** What that program did in each job. */
  readonly counts: Readonly<Record<JobName, JobCounts>>;
  /** Page faults of that program in each job, as it counts them itself. */
  readonly faults: Readonly<Record<JobName, number>>;
}

/** An instruction lasts a nanosecond. Not recorded: the number of returns to user mode in touch 64 is that of its ticks, if so. */
const NS_AN_INSTRUCTION = 1;

/** Debian's kernels tick 250 times a second. */
const TICK_NS = 4e6;

/**
 * Xen's default scheduler lets a virtual processor that is alone run for 10 ms before it looks again, by a timer (xen/common/sched/credit2.c
 * of Xen 4.17, CSCHED2_MAX_TIMER).
 */
const SCHEDULER_NS = 10e6;

/** How much of its period each timer has to go when a job begins. */
export interface Phases {
  readonly tick: number;
  readonly scheduler: number;
}

/** A job begins as both timers have just fired. */
const AT_A_TICK: Phases = { tick: 1, scheduler: 1 };

export const timersOf = ({ tick, scheduler }: Phases = AT_A_TICK): readonly InterruptSource[] => [
  { periodNs: TICK_NS, firstNs: tick * TICK_NS, reaches: 'guest' },
  { periodNs: SCHEDULER_NS, firstNs: scheduler * SCHEDULER_NS, reaches: 'hypervisor' },
];

const DOMAIN0_PAGES = 128 * 256;

const WORK: readonly KernelWork[] = ['systemCall', 'switch', 'fork'];

/** Time goes by in the kernel's own work, and the timers run from the begin of the job on. */
export const paceOf = (instructions: Instructions, sources: readonly InterruptSource[]): Pace => ({
  begin(domain) {
    domain.interrupts = new Interrupts(domain, sources);
  },
  work: (domain, what) => domain.interrupts?.work((instructions[what] ?? 0) * NS_AN_INSTRUCTION),
});

/** Counts the kernel's own work from the begin of the job on. */
const countingPace = (): Pace & { readonly counts: Readonly<Record<KernelWork, number>> } => {
  const counts: Record<KernelWork, number> = { systemCall: 0, switch: 0, fork: 0 };
  return {
    counts,
    begin: () => WORK.forEach((what) => void (counts[what] = 0)),
    work: (_domain: Domain, what) => void (counts[what] += 1),
  };
};

export const instructionsOf = (counts: JobCounts, costs: Instructions): number =>
  Object.entries(costs).reduce((sum, [name, cost]) => sum + (counts[name as keyof JobCounts] ?? 0) * cost, 0);

/** Nanoseconds of the events of memory management. */
export const eventCosts = (instructions: Instructions): Partial<Record<EventName, number>> =>
  Object.fromEntries(
    Object.entries(instructions)
      .filter(([name]) => !WORK.includes(name as KernelWork))
      .map(([name, cost]) => [name, cost * NS_AN_INSTRUCTION]),
  );

/** Costs that are found together: so many of one figure that is not known. */
type Group = Instructions;

/** The bare machine's, one figure a job. */
const BARE: readonly Group[] = [{ systemCall: 1 }, { guestPageFault: 1 }, { fork: 1 }, { switch: 1 }];

/**
 * What P2M adds to them. A system call crosses the hypervisor twice: on its way in, and by the hypercall of the return; any other
 * hypercall takes as much as that one by itself. One figure stands for a fault that enters the hypervisor, for an update of any
 * kind and for an mmuext operation without the entries of a pin; an emulated store takes two. The entries of a table are one figure.
 */
const P2M: readonly Group[] = [
  { systemCall: 1 / 2, iretHypercall: 1 / 2, hypercall: 1 / 2, multicall: 1 / 2 },
  { hypervisorPageFault: 1, emulatedWrite: 2, pageUpdate: 1, vaMappingUpdate: 1, mmuextOperation: 1 },
  { pagePin: 1 },
  { switch: 1 },
];

/** The costs with which each job takes as many instructions as were recorded: as many unknown figures as jobs. */
const solve = (
  known: Instructions,
  groups: readonly Group[],
  counts: Readonly<Record<JobName, JobCounts>>,
  recorded: (job: JobName) => number,
): Instructions => {
  const equations = JOBS.map(([job]) => [
    ...groups.map((group) => instructionsOf(counts[job], group)),
    recorded(job) - instructionsOf(counts[job], known),
  ]);
  const figures = solveLinear(equations);
  const costs: Record<string, number> = { ...known };
  groups.forEach((group, index) => {
    for (const [name, share] of Object.entries(group)) costs[name] = (costs[name] ?? 0) + share * figures[index];
  });
  return costs;
};

/** Gauss and Jordan: each row has the factors of the unknowns, and what they make. */
const solveLinear = (equations: readonly number[][]): number[] => {
  const rows = equations.map((row) => [...row]);
  for (let column = 0; column < rows.length; column += 1) {
    const largest = rows
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column]) > Math.abs(best[column]) ? row : best));
    rows.splice(rows.indexOf(largest), 1);
    rows.splice(column, 0, largest);
    for (const row of rows) {
      if (row === largest) continue;
      const factor = row[column] / largest[column];
      row.forEach((value, index) => void (row[index] = value - factor * largest[index]));
    }
  }
  return rows.map((row, index) => row.at(-1)! / row[index]);
};

/** What the statically linked program does in a job, and the faults that it counts itself. */
const staticRun = ([, run]: (typeof JOBS)[number]): { readonly counts: JobCounts; readonly faults: number } => {
  const { kernel, domain } = linuxMachine('p2m', DOMAIN0_PAGES);
  const pace = countingPace();
  run(kernel, { ...STATIC_PROGRAM, pace });
  const counts: Partial<Record<EventName | KernelWork, number>> = { ...pace.counts };
  for (const { event, phase, count } of domain.account.entries()) {
    if (phase === 'job') counts[event] = (counts[event] ?? 0) + count;
  }
  return { counts, faults: faultsByGuest(domain.account) };
};

const byJob = <T>(of: (job: (typeof JOBS)[number]) => T): Readonly<Record<JobName, T>> =>
  Object.fromEntries(JOBS.map((job) => [job[0], of(job)])) as Record<JobName, T>;

const LIKE_AN_UPDATE = ['pageAllocate', 'grantPin', 'grantUnpin', 'foreignEnter', 'foreignRemove'] as const;

const machines = new WeakMap<CaseBook, EmulatedMachine>();

/**
 * The machine of these recorded figures. What none of the jobs has is assumed to take as much as an update: a frame that comes from the
 * hypervisor's heap or goes there, a grant that is pinned or unpinned, and a foreign frame that is entered or taken out.
 */
export const emulatedMachine = (book: CaseBook): EmulatedMachine => {
  const known = machines.get(book);
  if (known !== undefined) return known;
  const runs = byJob(staticRun);
  const counts = byJob(([job]) => runs[job].counts);
  const recorded = (machine: 'bare' | 'pv') => (job: JobName) => book.recorded(`xen/instructions/${job}/${machine}`);
  const bare = solve({}, BARE, counts, recorded('bare'));
  const pv = solve(bare, P2M, counts, recorded('pv'));
  const assumed = Object.fromEntries(LIKE_AN_UPDATE.map((event) => [event, pv.pageUpdate!]));
  const machine = { bare, pv: { ...pv, ...assumed }, counts, faults: byJob(([job]) => runs[job].faults) };
  machines.set(book, machine);
  return machine;
};
