import type { EventName } from '../../engine/index.js';
import type { LinuxKernel } from '../../engine/linux/kernel.js';
import type { CaseBook } from '../case.js';
import { contextSwitchJob, forkJob, syscallJob, touchJob } from '../scenes/jobs.js';
import { linuxMachine } from '../scenes/linux-machine.js';
import type { Outcome, Prediction } from './prediction.js';

const EVENTS = 'xen/events/pv';
const FAULTS = 'xen/guest-page-faults/dynamic program (events)';
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

/**
 * What the scenes were written by: which areas the one layout has and which pages a fork touches, on the rows of fork; that the
 * first system call runs into a new stretch of libc, on those of syscall. Figures that they were chosen on are no test of them.
 */
const CHOSEN_ON = [
  /\/fork 100$/u,
  /^xen\/events\/pv\/(hypervisor page faults|page updates)\/syscall 1000$/u,
  /^xen\/guest-page-faults\/.*\/syscall 1000$/u,
];

/** The recorded jobs, at their recorded sizes. */
export const JOBS: readonly (readonly [name: string, run: (kernel: LinuxKernel) => void])[] = [
  ['syscall 1000', (kernel) => syscallJob(kernel, 1000)],
  ['fork 100', (kernel) => forkJob(kernel, 100)],
  ['touch 64', (kernel) => touchJob(kernel, 64)],
  ['ctxsw 1000', (kernel) => contextSwitchJob(kernel, 1000)],
];

export const p2mProcesses: Prediction = {
  id: 'p2m-processes',
  title: 'Linux runs each job in a P2M domain0, from one process layout, on page tables that the hypervisor validates.',
  covers: [EVENTS, FAULTS],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const [start] of COUNTERS) {
      outcomes.set(`${start}/null-job`, { actual: null, note: 'given: it is added to what each job did' });
    }
    for (const [job, run] of JOBS) {
      const { kernel, count } = linuxMachine('p2m', DOMAIN0_PAGES);
      run(kernel);
      for (const [start, event] of COUNTERS) {
        const ofJob = count(event, 'job');
        const ofNullJob = book.recorded(`${start}/null-job`);
        const notes = [
          ...(ofNullJob === 0 ? [] : [`${ofJob}, and ${ofNullJob} of the null job`]),
          ...(CHOSEN_ON.some((row) => row.test(`${start}/${job}`)) ? ['the scene was chosen on this row'] : []),
        ];
        outcomes.set(`${start}/${job}`, { actual: ofJob + ofNullJob, note: notes.join('; ') });
      }
    }
    return outcomes;
  },
};
