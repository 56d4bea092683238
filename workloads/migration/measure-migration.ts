import type { Lab, LabDomain, LabHost, LabProgram, WorkloadMetric, WorkloadSeries } from '../workload.js';

/** What every migration workload states. */
export const MIGRATION_METRICS = {
  totalTime: { title: 'Total time of the migration', unit: 's', better: 'lower' },
  downtime: { title: 'Downtime of the guest', unit: 'ms', better: 'lower' },
  controlCpu: { title: 'CPU time of the control domain', unit: 's', better: 'lower' },
  targetControlCpu: { title: "CPU time of the target's control domain", unit: 's', better: 'lower' },
  guestSlowdown: { title: 'Slow-down of the guest while its pages are sent', unit: '%', better: 'lower' },
  pagesSent: { title: 'Pages sent', unit: 'pages', better: 'lower' },
} as const satisfies Record<string, WorkloadMetric>;

export const MIGRATION_SERIES = {
  pagesPerRound: { title: 'Pages sent in each round', unit: 'pages', index: 'round' },
} as const satisfies Record<string, WorkloadSeries>;

/** Seconds that a program runs before its speed is taken, and over which it is taken. */
const WARM_UP = 0.5;
const REFERENCE = 1;

/** Lets the program run alone, moves its domain, and states the metrics. Nothing is stated when the move is refused. */
export const measureMigration = (lab: Lab, domain: LabDomain, to: LabHost, program: LabProgram | null): void => {
  lab.advance(WARM_UP);
  const atReference = program?.accesses ?? 0;
  lab.advance(REFERENCE);
  const atStart = program?.accesses ?? 0;
  const migration = lab.migrate(domain, to);
  if (migration === null) return;
  const { totalNs, downtimeNs } = migration;
  lab.measure('totalTime', totalNs / 1e9);
  lab.measure('downtime', downtimeNs / 1e6);
  lab.measure('controlCpu', migration.controlCpuNs / 1e9);
  lab.measure('targetControlCpu', migration.targetControlCpuNs / 1e9);
  lab.measure('pagesSent', migration.pagesSent);
  if (program !== null) {
    const before = (atStart - atReference) / REFERENCE;
    const during = (program.accesses - atStart) / ((totalNs - downtimeNs) / 1e9);
    lab.measure('guestSlowdown', (before / during - 1) * 100);
  }
  lab.record(
    'pagesPerRound',
    migration.rounds.map((round) => round.sent),
  );
};
