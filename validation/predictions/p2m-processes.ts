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

/** What the pages that the one process layout has touched were chosen by (scenes/dynamic-program.ts): no test of it. */
const LAYOUT_CHOSEN_ON = new Set([
  `${EVENTS}/page updates of writable pages/fork 100`,
  `${EVENTS}/page-table writes emulated/fork 100`,
  `${EVENTS}/page updates/fork 100`,
]);

const JOBS: readonly (readonly [name: string, run: (kernel: LinuxKernel) => void])[] = [
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
          ...(LAYOUT_CHOSEN_ON.has(`${start}/${job}`) ? ['the process layout was chosen on this figure'] : []),
        ];
        outcomes.set(`${start}/${job}`, { actual: ofJob + ofNullJob, note: notes.join('; ') });
      }
    }
    return outcomes;
  },
};
