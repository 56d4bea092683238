import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, MIGRATION_SERIES, measureMigration } from './measure-migration.js';

export default {
  id: 'migration/uniform-writer',
  title: 'Migrate a guest that writes at random',
  description:
    'A guest writes uniformly at random over a working set while the control domain moves it to another host. Coverage of such a writer has a closed form, so this is the case to check the engine by.',
  parameters: {
    guestMemory: { title: 'Memory of the guest', default: 256, unit: 'MiB', min: 64, max: 2048 },
    workingSet: { title: 'Memory that it writes', default: 64, unit: 'MiB', min: 1, max: 1024 },
    writeRate: { title: 'Pages written, one write each', default: 20_000, unit: 'pages/s', min: 1, max: 1e8 },
  },
  metrics: MIGRATION_METRICS,
  series: MIGRATION_SERIES,
  run(lab, { guestMemory, workingSet, writeRate }) {
    const source = lab.host('source');
    const target = lab.host('target');
    if (source === null || target === null) return;
    const guest = source.build('guest', 'guest', guestMemory);
    if (guest === null) return;
    const pages = Math.floor((workingSet * 2 ** 20) / lab.pageBytes);
    const writer = lab.patterns.uniform({ pages, writeShare: 1, stream: lab.random('pages written') });
    measureMigration(lab, guest, { from: source, to: target }, guest.start(writer, { rate: writeRate }));
  },
} satisfies Workload;
