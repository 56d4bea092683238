import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/link-drop',
  title: 'Migrate over a link that drops half-way',
  description:
    'A uniform writer moves, and when a part of its memory is over the link has only a part of its bandwidth left: a writer that pre-copy could follow may be too fast for what is left.',
  parameters: {
    guestMemory,
    workingSet: { title: 'Memory that it writes', default: 32, unit: 'MiB', min: 1, max: 1024 },
    writeRate: { title: 'Pages written, one write each', default: 1000, unit: 'pages/s', min: 1, max: 1e8 },
    dropAfter: { title: 'Memory that is over when the link drops', default: 50, unit: '%', min: 0, max: 1000 },
    dropTo: { title: 'Bandwidth that is left', default: 10, unit: '%', min: 0.1, max: 100 },
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
    const options = moveOptions(lab, parameters, {
      memory: parameters.guestMemory,
      slows: { afterShare: parameters.dropAfter / 100, to: parameters.dropTo / 100 },
    });
    measureMigration(lab, guest, { from: source, to: target }, program, options);
  },
} satisfies Workload;
