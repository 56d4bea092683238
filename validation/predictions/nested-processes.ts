import type { CaseBook } from '../case.js';
import { JOBS } from '../scenes/jobs.js';
import { linuxMachine } from '../scenes/linux-machine.js';
import type { Outcome, Prediction } from './prediction.js';

const FAULTS = 'xen/events/hap/nested page faults';
/** As recorded: 512 MiB. */
const DOMAIN0_PAGES = 512 * 256;

export const nestedProcesses: Prediction = {
  id: 'nested-processes',
  title:
    'Linux runs the same jobs, from the same layout, in a domain0 under nested tables, each access and each store to a table by its MMU.',
  covers: [FAULTS],

  run(book: CaseBook) {
    const outcomes = new Map<string, Outcome>();
    outcomes.set(`${FAULTS}/null-job`, { actual: null, note: 'given: it is added to what each job did' });
    for (const [job, run] of JOBS) {
      const { kernel, count } = linuxMachine('nested', DOMAIN0_PAGES);
      run(kernel);
      const walked = count('tableReference', 'job') + count('secondStageReference', 'job');
      outcomes.set(`${FAULTS}/${job}`, {
        actual: count('secondStageFault', 'job') + book.recorded(`${FAULTS}/null-job`),
        note: `all memory is populated and nothing is logged; the walker read ${walked} entries`,
      });
    }
    return outcomes;
  },
};
