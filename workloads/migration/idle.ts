import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { guestBetweenHosts, guestMemory, moveOptions, movedBy } from './two-hosts.js';

const { guestSlowdown: _, ...metrics } = MIGRATION_METRICS;
const { guestSpeed: _speed, ...series } = TIME_LINE;

export default {
  id: 'migration/idle',
  title: 'Migrate an idle guest',
  description: 'A guest that writes nothing moves to another host: what the move costs by itself.',
  parameters: { guestMemory, ...movedBy },
  metrics,
  series,
  run(lab, parameters) {
    const hosts = guestBetweenHosts(lab, parameters.guestMemory);
    if (hosts === null) return;
    const { source, target, guest } = hosts;
    measureMigration(lab, guest, { from: source, to: target }, null, moveOptions(lab, parameters));
  },
} satisfies Workload;
