import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy } from './two-hosts.js';

export default {
  id: 'migration/recorded-sqlite',
  title: 'Migrate a guest that runs sqlite3',
  description:
    'A guest runs a recorded sqlite3 over and over while the control domain moves it to another host by pre-copy. Every page is checked on arrival.',
  parameters: {
    guestMemory,
    accessRate: { title: 'Memory accesses of the program', default: 5_000_000, unit: 'accesses/s', min: 1, max: 1e9 },
    ...movedBy,
  },
  metrics: MIGRATION_METRICS,
  series: TIME_LINE,
  traces: ['sqlite3'],
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.guestMemory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    const program = guest.start(lab.patterns.recorded('sqlite3', lab.random('place in the trace')), {
      rate: parameters.accessRate,
    });
    measureMigration(lab, guest, { from: source, to: target }, program, moveOptions(lab, parameters));
  },
} satisfies Workload;
