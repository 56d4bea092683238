import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, linkBandwidth, pagesIn } from './two-hosts.js';

const { converged: _, ...metrics } = MIGRATION_METRICS;

export default {
  id: 'migration/post-copy',
  title: 'Migrate a writing guest by post-copy',
  description:
    'The guest of the uniform writer stops at once, runs on the other host before its pages are there, and waits for each that it touches first. A comparison: Xen moves guests by pre-copy. A link that fails loses the guest.',
  parameters: {
    guestMemory,
    workingSet: { title: 'Memory that it writes', default: 64, unit: 'MiB', min: 1, max: 1024 },
    writeRate: { title: 'Pages written, one write each', default: 20_000, unit: 'pages/s', min: 1, max: 1e8 },
    bandwidth: linkBandwidth,
  },
  metrics,
  series: TIME_LINE,
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.guestMemory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    const pages = pagesIn(lab, parameters.workingSet);
    const writer = lab.patterns.uniform({ pages, writeShare: 1, stream: lab.random('pages written') });
    const program = guest.start(writer, { rate: parameters.writeRate });
    const link = lab.link({ bandwidth: parameters.bandwidth / 100 });
    measureMigration(lab, guest, { from: source, to: target }, program, { tool: 'post-copy', link });
  },
} satisfies Workload;
