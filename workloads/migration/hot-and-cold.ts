import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/hot-and-cold',
  title: 'Migrate a guest with a hot and a cold part',
  description:
    'Most accesses of the guest go to a small part of its working set, as those of most programs do: pre-copy can send the cold part once, and stops for the hot one.',
  parameters: {
    guestMemory,
    workingSet: { title: 'Memory that it writes', default: 64, unit: 'MiB', min: 1, max: 1024 },
    hotMemory: { title: 'Hot part of it', default: 4, unit: 'MiB', min: 1, max: 1024 },
    hotShare: { title: 'Accesses that go to the hot part', default: 90, unit: '%', min: 0, max: 100 },
    writeShare: { title: 'Accesses that write', default: 30, unit: '%', min: 0, max: 100 },
    accessRate: { title: 'Memory accesses of the program', default: 100_000, unit: 'accesses/s', min: 1, max: 1e9 },
    ...movedBy,
  },
  metrics: MIGRATION_METRICS,
  series: TIME_LINE,
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.guestMemory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    const pages = pagesIn(lab, parameters.workingSet);
    const writer = lab.patterns.hotAndCold({
      pages,
      hotPages: Math.min(pages, pagesIn(lab, parameters.hotMemory)),
      hotShare: parameters.hotShare / 100,
      writeShare: parameters.writeShare / 100,
      stream: lab.random('pages accessed'),
    });
    const program = guest.start(writer, { rate: parameters.accessRate });
    measureMigration(lab, guest, { from: source, to: target }, program, moveOptions(lab, parameters));
  },
} satisfies Workload;
