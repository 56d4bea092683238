import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/adversarial',
  title: 'Migrate a guest that writes against the tool',
  description:
    'The guest writes page after page, round and round, from the end that the tool sends last: no write goes to a page that is dirty already, so that for its rate of writes nothing dirties memory faster. The worst case of pre-copy.',
  parameters: {
    guestMemory,
    workingSet: { title: 'Memory that it writes', default: 64, unit: 'MiB', min: 1, max: 1024 },
    writeRate: { title: 'Pages written, one write each', default: 20_000, unit: 'pages/s', min: 1, max: 1e8 },
    ...movedBy,
  },
  metrics: MIGRATION_METRICS,
  series: TIME_LINE,
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.guestMemory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    const pages = pagesIn(lab, parameters.workingSet);
    const writer = lab.patterns.sweep({ pages, downwards: true });
    const program = guest.start(writer, { rate: parameters.writeRate });
    measureMigration(lab, guest, { from: source, to: target }, program, moveOptions(lab, parameters));
  },
} satisfies Workload;
