import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/uniform-writer',
  title: 'Migrate a guest that writes at random',
  description:
    'A guest writes uniformly at random over a working set while the control domain moves it to another host. Coverage of such a writer has a closed form, so this is the case to check the engine by.',
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
    const writer = lab.patterns.uniform({ pages, writeShare: 1, stream: lab.random('pages written') });
    const program = guest.start(writer, { rate: parameters.writeRate });
    measureMigration(lab, guest, { from: source, to: target }, program, moveOptions(lab, parameters));
  },
} satisfies Workload;
