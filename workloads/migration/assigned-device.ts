import type { Workload } from '../workload.js';
import { MIGRATION_METRICS, measureMigration } from './measure-migration.js';
import { moveOptions, movedBy } from './two-hosts.js';

const { guestSlowdown: _, ...metrics } = MIGRATION_METRICS;

export default {
  id: 'migration/assigned-device',
  title: 'Migrate a driver domain that drives a device',
  description:
    'A driver domain is to move while it drives a device, which stays behind: refused, whatever its memory model. Its metrics are stated with the parameter that takes the device away first.',
  parameters: {
    memory: { title: 'Memory of the driver domain', default: 64, unit: 'MiB', min: 16, max: 1024 },
    device: { title: 'With its device (1), or without (0)', default: 1, unit: '', min: 0, max: 1 },
    ...movedBy,
  },
  metrics,
  run(lab, parameters) {
    const { memory, device } = parameters;
    const source = lab.host('source');
    const target = lab.host('target');
    const driver = source?.build('driver', 'driver', memory) ?? null;
    if (source === null || target === null || driver === null) return;
    if (device >= 0.5 && !driver.assignDevice()) return;
    measureMigration(lab, driver, { from: source, to: target }, null, moveOptions(lab, parameters));
  },
} satisfies Workload;
