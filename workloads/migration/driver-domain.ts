import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, TIME_LINE, measureMigration } from './measure-migration.js';
import { moveOptions, movedBy } from './two-hosts.js';

const { guestSlowdown: _, ...metrics } = MIGRATION_METRICS;
const { guestSpeed: _speed, ...series } = TIME_LINE;

export default {
  id: 'migration/driver-domain',
  title: 'Migrate an idle driver domain',
  description:
    'A driver domain whose device is detached moves to a host that already runs a driver domain of its own, as two like hosts do. It is idle, so all that counts is what its memory model needs at the new place.',
  parameters: {
    memory: { title: 'Memory of the driver domain', default: 128, unit: 'MiB', min: 16, max: 1024 },
    ...movedBy,
  },
  metrics,
  series,
  run(lab, parameters) {
    const { memory } = parameters;
    const source = lab.host('source');
    const target = lab.host('target');
    if (source === null || target === null) return;
    const driver = source.build('driver', 'driver', memory);
    if (driver === null || target.build('driver', 'target driver', memory) === null) return;
    measureMigration(lab, driver, { from: source, to: target }, null, moveOptions(lab, parameters));
  },
} satisfies Workload;
