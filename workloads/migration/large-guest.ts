import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, moveOptions, movedBy, pagesIn } from './two-hosts.js';

export default {
  id: 'migration/large-guest',
  title: 'Migrate a large guest',
  description:
    'A guest as large as the host holds moves, page by page, with every page compared on arrival. It has a hot and a cold part in proportion to its size.',
  parameters: {
    memory: { title: 'Memory of the guest', default: 2048, unit: 'MiB', min: 64, max: 65_536 },
    workingSet: { title: 'Part of it that it uses', default: 12.5, unit: '%', min: 1, max: 90 },
    accessRate: { title: 'Memory accesses of the program', default: 50_000, unit: 'accesses/s', min: 1, max: 1e9 },
    ...movedBy,
  },
  metrics: MIGRATION_METRICS,
  series: TIME_LINE,
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.memory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    const pages = pagesIn(lab, (parameters.memory * parameters.workingSet) / 100);
    const writer = lab.patterns.hotAndCold({
      pages,
      hotPages: Math.ceil(pages / 16),
      hotShare: 0.9,
      writeShare: 0.3,
      stream: lab.random('pages accessed'),
    });
    const program = guest.start(writer, { rate: parameters.accessRate });
    measureMigration(lab, guest, { from: source, to: target }, program, moveOptions(lab, parameters));
  },
} satisfies Workload;
