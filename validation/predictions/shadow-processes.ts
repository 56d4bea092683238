import type { EventName } from '../../engine/index.js';
import type { CaseBook } from '../case.js';
import { JOBS } from '../scenes/jobs.js';
import { linuxMachine } from '../scenes/linux-machine.js';
import type { Outcome, Prediction } from './prediction.js';

const EVENTS = 'xen/events/shadow';
/** As recorded: 512 MiB. */
const DOMAIN0_PAGES = 512 * 256;

/** The counters of the data file, each with the event that the engine charges for it. */
const COUNTERS: readonly (readonly [start: string, event: EventName])[] = [
  [`${EVENTS}/page-fault exits`, 'pageFaultExit'],
  [`${EVENTS}/of those the guest's own`, 'faultPassedOn'],
  [`${EVENTS}/address-space switch exits`, 'addressSpaceExit'],
  [`${EVENTS}/single-page flush exits`, 'pageFlushExit'],
];

/** What was inferred for the layout was inferred from P2M's rows of fork, which count the same guest faults and copies. */
const CHOSEN_ON_P2M = /(the guest's own|single-page flush exits)\/fork 100$|the guest's own\/syscall 1000$/u;
/** What a machine and a program have done before a job was added on seeing these. */
const CHOSEN_ON_EXITS = /page-fault exits\/(syscall|ctxsw) \d+$/u;

export const shadowProcesses: Prediction = {
  id: 'shadow-processes',
  title: 'Linux runs the same jobs, from the same layout, in a domain0 whose page tables have twins in the hypervisor.',
  covers: [EVENTS],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    for (const [start] of COUNTERS) {
      outcomes.set(`${start}/null-job`, { actual: null, note: 'given: it is added to what each job did' });
    }
    for (const [job, run] of JOBS) {
      const { kernel, count } = linuxMachine('shadow', DOMAIN0_PAGES);
      run(kernel);
      for (const [start, event] of COUNTERS) {
        const id = `${start}/${job}`;
        const ofJob = count(event, 'job');
        const ofNullJob = book.recorded(`${start}/null-job`);
        const notes = [
          ...(ofNullJob === 0 ? [] : [`${ofJob}, and ${ofNullJob} of the null job`]),
          ...(CHOSEN_ON_EXITS.test(id) ? ['what ran before the job was added on seeing this row'] : []),
          ...(CHOSEN_ON_P2M.test(id) ? ['the scene was chosen on the row of P2M that counts the same'] : []),
        ];
        outcomes.set(id, { actual: ofJob + ofNullJob, note: notes.join('; ') });
      }
    }
    return outcomes;
  },
};
