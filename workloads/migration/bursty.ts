import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/bursty',
  title: 'Migrate a guest that writes in bursts',
  description:
    'The guest writes its whole working set at once and then computes for a while, over and over, as a garbage collector or a checkpointing program does. How long it is stopped depends on where in that rhythm pre-copy gives up.',
  parameters: {
    guestMemory,
    workingSet: { title: 'Memory that it writes', default: 64, unit: 'MiB', min: 1, max: 1024 },
    writeRate: {
      title: 'Pages written in a burst, one write each',
      default: 200_000,
      unit: 'pages/s',
      min: 1,
      max: 1e8,
    },
    quietTime: { title: 'Time between two bursts', default: 1, unit: 's', min: 0, max: 60 },
    ...movedBy,
  },
  metrics: MIGRATION_METRICS,
  series: TIME_LINE,
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.guestMemory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    const pages = pagesIn(lab, parameters.workingSet);
    const quietAccesses = Math.round(parameters.quietTime * parameters.writeRate);
    const writer = lab.patterns.bursty({ pages, quietAccesses });
    const program = guest.start(writer, { rate: parameters.writeRate });
    measureMigration(lab, guest, { from: source, to: target }, program, moveOptions(lab, parameters));
  },
} satisfies Workload;
