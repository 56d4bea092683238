import type { EventName } from '../../engine/index.js';
import type { CaseBook } from '../case.js';
import { DYNAMIC_PROGRAM } from '../scenes/dynamic-program.js';
import {
  type EmulatedMachine,
  emulatedMachine,
  eventCosts,
  instructionsOf,
  paceOf,
  timersOf,
} from '../scenes/emulated-machine.js';
import { JOBS, faultsByGuest } from '../scenes/jobs.js';
import { linuxMachine } from '../scenes/linux-machine.js';
import type { Outcome, Prediction } from './prediction.js';

const EVENTS = 'xen/events/pv';
const FAULTS = 'xen/guest-page-faults/dynamic program (events)';
const STATIC_FAULTS = 'xen/guest-page-faults/static program (instructions)';
const INSTRUCTIONS = 'xen/instructions';
const DOMAIN0_PAGES = 128 * 256;

/** The counters of the data file, each with the event that the engine charges for it. */
const COUNTERS: readonly (readonly [start: string, event: EventName])[] = [
  [`${EVENTS}/hypervisor page faults`, 'hypervisorPageFault'],
  [`${EVENTS}/page-table writes emulated`, 'emulatedWrite'],
  [`${EVENTS}/page updates`, 'pageUpdate'],
  [`${EVENTS}/page updates of writable pages`, 'writablePageUpdate'],
  [`${EVENTS}/update_va_mapping`, 'vaMappingUpdate'],
  [`${EVENTS}/mmuext operations`, 'mmuextOperation'],
  [`${EVENTS}/multicalls`, 'multicall'],
  [`${EVENTS}/iret hypercalls`, 'iretHypercall'],
  [FAULTS, 'guestPageFault'],
];

const CHOSEN = 'the scene was chosen on this row';

/**
 * What was inferred for the layout (docs/models/processes.md) was inferred from the rows of fork; which system call the job makes is not
 * recorded, so one was taken that gives those of syscall. That an instruction lasts a nanosecond is from the returns of touch. Figures that the scenes were chosen on are no test of them.
 */
const CHOSEN_ON = [
  /\/fork 100$/u,
  /^xen\/events\/pv\/(hypervisor page faults|page updates)\/syscall 1000$/u,
  /^xen\/guest-page-faults\/.*\/syscall 1000$/u,
  /^xen\/events\/pv\/iret hypercalls\/touch 64$/u,
];

/** Met by a choice that was made on this very row: a page that the program has, or that it writes as it takes a count. */
const MET_BY_CHOICE = new Set([
  `${EVENTS}/page updates/fork 100`,
  `${FAULTS}/fork 100`,
  `${STATIC_FAULTS}/syscall 1000`,
]);

const isMetByChoice = (row: string): Pick<Outcome, 'isCalibrated'> =>
  MET_BY_CHOICE.has(row) ? { isCalibrated: true } : {};

const staticFaults = (row: string, ofJob: number, counted: number): Outcome => ({
  actual: counted,
  note: [`${ofJob}, and ${counted - ofJob} of the count itself`, ...(MET_BY_CHOICE.has(row) ? [CHOSEN] : [])].join(
    '; ',
  ),
  ...isMetByChoice(row),
});

const MACHINES = ['bare', 'pv'] as const;

/** Jobs of the statically linked program: what it faulted, by its own count; and how long it took. */
const staticRows = ({ counts, faults, ...machine }: EmulatedMachine): [string, Outcome][] =>
  JOBS.flatMap(([job]): [string, Outcome][] => [
    [`${STATIC_FAULTS}/${job}`, staticFaults(`${STATIC_FAULTS}/${job}`, counts[job].guestPageFault ?? 0, faults[job])],
    ...MACHINES.map((name): [string, Outcome] => [
      `${INSTRUCTIONS}/${job}/${name}`,
      {
        actual: Math.round(instructionsOf(counts[job], machine[name])),
        isCalibrated: true,
        note: 'the cost of what a job does most was set on this row',
      },
    ]),
  ]);

const noteOf = (event: EventName, row: string, ofJob: number, ofNullJob: number, upcalls: number): string =>
  [
    ...(ofNullJob === 0 ? [] : [`${ofJob}, and ${ofNullJob} of the null job`]),
    ...(event === 'iretHypercall' && upcalls > 0 ? [`${upcalls} of them from the timer`] : []),
    ...(CHOSEN_ON.some((rows) => rows.test(row)) ? [CHOSEN] : []),
  ].join('; ');

export const p2mProcesses: Prediction = {
  id: 'p2m-processes',
  title:
    'Linux runs each job in a P2M domain0, from one traced process layout, on page tables that the hypervisor validates, while two timers tick.',
  covers: [EVENTS, FAULTS, STATIC_FAULTS, INSTRUCTIONS],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const [start] of COUNTERS) {
      outcomes.set(`${start}/null-job`, { actual: null, note: 'given: it is added to what each job did' });
    }
    const machine = emulatedMachine(book);
    for (const [job, run] of JOBS) {
      const { kernel, domain, count } = linuxMachine('p2m', DOMAIN0_PAGES, eventCosts(machine.pv));
      run(kernel, { ...DYNAMIC_PROGRAM, pace: paceOf(machine.pv, timersOf()) });
      for (const [start, event] of COUNTERS) {
        const row = `${start}/${job}`;
        const ofJob = start === FAULTS ? faultsByGuest(domain.account) : count(event, 'job');
        const ofNullJob = book.recorded(`${start}/null-job`);
        outcomes.set(row, {
          actual: ofJob + ofNullJob,
          note: noteOf(event, row, ofJob, ofNullJob, count('upcall', 'job')),
          ...isMetByChoice(row),
        });
      }
    }
    for (const [row, outcome] of staticRows(machine)) outcomes.set(row, outcome);
    return outcomes;
  },
};
