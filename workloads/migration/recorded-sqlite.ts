import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, MIGRATION_SERIES, measureMigration } from './measure-migration.js';

export default {
  id: 'migration/recorded-sqlite',
  title: 'Migrate a guest that runs sqlite3',
  description:
    'A guest runs a recorded sqlite3 over and over while the control domain moves it to another host by pre-copy. Every page is checked on arrival.',
  parameters: {
    guestMemory: { title: 'Memory of the guest', default: 256, unit: 'MiB', min: 64, max: 2048 },
    accessRate: { title: 'Memory accesses of the program', default: 5_000_000, unit: 'accesses/s', min: 1, max: 1e9 },
  },
  metrics: MIGRATION_METRICS,
  series: MIGRATION_SERIES,
  traces: ['sqlite3'],
  run(lab, { guestMemory, accessRate }) {
    const source = lab.host('source');
    const target = lab.host('target');
    if (source === null || target === null) return;
    const guest = source.build('guest', 'guest', guestMemory);
    if (guest === null) return;
    const program = guest.start(lab.patterns.recorded('sqlite3', lab.random('place in the trace')), {
      rate: accessRate,
    });
    measureMigration(lab, guest, { from: source, to: target }, program);
  },
} satisfies Workload;
