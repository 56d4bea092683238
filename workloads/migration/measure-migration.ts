import { explainMigration } from './explain-migration.js';
import type {
  Lab,
  LabDomain,
  LabHost,
  LabMechanism,
  LabMigration,
  LabMoveOptions,
  LabProgram,
  WorkloadMetric,
  WorkloadSeries,
} from '../workload.js';

/** What every migration workload states. */
export const MIGRATION_METRICS = {
  totalTime: {
    title: 'Total time of the migration',
    unit: 's',
    better: 'lower',
    description: 'From the request until the guest runs on the other host, with all of its pages there.',
  },
  downtime: {
    title: 'Downtime of the guest',
    unit: 'ms',
    better: 'lower',
    description: 'How long the guest runs on neither host.',
  },
  controlCpu: {
    title: 'CPU time of the control domain',
    unit: 's',
    better: 'lower',
    description: 'Processor time that the control domain of the source spends on the migration.',
  },
  targetControlCpu: {
    title: "CPU time of the target's control domain",
    unit: 's',
    better: 'lower',
    description: 'Processor time that the control domain of the target spends on the migration.',
  },
  guestSlowdown: {
    title: 'Slow-down of the guest while its pages are sent',
    unit: '%',
    better: 'lower',
    description:
      'By how much longer an access of the guest takes than before the migration, on average until it is over.',
  },
  pagesSent: {
    title: 'Pages sent',
    unit: 'pages',
    better: 'lower',
    description: 'Pages that went over the link, those that went again among them.',
  },
  bytesSent: {
    title: 'Data sent',
    unit: 'MiB',
    better: 'lower',
    description: 'The same in bytes, so that platforms with other page sizes compare.',
  },
  leftAtStop: {
    title: 'Memory still to send when the guest was stopped',
    unit: '%',
    better: 'lower',
    description:
      'Share of the guest that went over after it was stopped: near 0 when pre-copy converged, what it writes again and again when it did not.',
  },
  converged: {
    title: 'Pre-copy that converged',
    unit: '%',
    better: 'higher',
    description: '100 when the guest was stopped because few pages were left to send, 0 when the tool gave up.',
    frontier: { at: 50, below: 'pre-copy gives up', above: 'pre-copy converges' },
  },
  mappingCpu: {
    title: 'CPU time of the control domain for mapping foreign pages',
    unit: 'ms',
    better: 'lower',
    description:
      "Part of the control domain's processor time that went into mapping the guest's pages and unmapping them.",
  },
  canonicaliseCpu: {
    title: 'CPU time of the control domain for canonicalising',
    unit: 'ms',
    better: 'lower',
    description:
      'Part that went into turning machine frames in page tables into guest frames; none where tables hold none.',
  },
  copyCpu: {
    title: 'CPU time of the control domain for copying and sending',
    unit: 'ms',
    better: 'lower',
    description: 'Part that went into copying pages, the network stack and addresses for its device.',
  },
  harvestCpu: {
    title: 'CPU time of the control domain for the dirty log',
    unit: 'ms',
    better: 'lower',
    description: 'Part that went into reading and clearing the bitmap of dirty pages.',
  },
  loggingCpu: {
    title: 'CPU time of the guest for logging faults',
    unit: 'ms',
    better: 'lower',
    description:
      'Processor time that the guest lost to faults at first writes and to flushes while its writes were logged.',
  },
} as const satisfies Record<string, WorkloadMetric>;

/** A time line of one migration. */
export const TIME_LINE = {
  pagesPerRound: { title: 'Pages sent in each round', unit: 'pages', index: 'round' },
  ratePerRound: { title: 'Data sent each second of a round', unit: 'MiB/s', index: 'round', timeLine: 'blocks' },
  guestSpeed: {
    title: 'Speed of the guest, of that before',
    unit: '%',
    index: 'step of 50 ms',
    timeLine: 'curve',
  },
  stopped: { title: 'Guest stopped', unit: 'ms', index: 'stop', timeLine: 'pause' },
} as const satisfies Record<string, WorkloadSeries>;

/** Seconds that a program runs before its speed is taken, and over which it is taken. */
const WARM_UP = 0.5;
const REFERENCE = 1;

const PARTS = {
  mappingCpu: ['foreignMap'],
  canonicaliseCpu: ['canonicalise'],
  copyCpu: ['copy', 'network', 'dma', 'bounce', 'iommu'],
  harvestCpu: ['dirtyLog'],
} as const satisfies Record<string, readonly LabMechanism[]>;

/** Accesses a second of a program that runs undisturbed. */
export const speedBefore = (lab: Lab, program: LabProgram | null): number => {
  lab.advance(WARM_UP);
  const before = program?.accesses ?? 0;
  lab.advance(REFERENCE);
  return ((program?.accesses ?? 0) - before) / REFERENCE;
};

/** The control domain's CPU time by part, in milliseconds, and what was lost to logging. */
const partsOf = (domain: LabDomain, control: LabDomain): Readonly<Record<string, number>> => {
  const controlNs = control.cpuNsBy();
  const parts = Object.entries(PARTS).map(([metric, mechanisms]): [string, number] => [
    metric,
    mechanisms.reduce((sum, mechanism) => sum + (controlNs[mechanism] ?? 0), 0) / 1e6,
  ]);
  return Object.fromEntries([...parts, ['loggingCpu', (domain.cpuNsBy()['logging'] ?? 0) / 1e6]]);
};

/** What a migration did when, on virtual time from its request. A guest without a program has no speed. */
const recordTimeLine = (lab: Lab, migration: LabMigration, speed: number): void => {
  const { rounds, accesses, downtimeNs, elapsed } = migration;
  const times = rounds.map(({ startNs, durationNs }) => [startNs / 1e9, (startNs + durationNs) / 1e9] as const);
  const ofRounds = { starts: times.map(([start]) => start), ends: times.map(([, end]) => end) };
  const rateOf = ({ sent, durationNs }: (typeof rounds)[number]): number =>
    durationNs === 0 ? 0 : (sent * lab.pageBytes) / 2 ** 20 / (durationNs / 1e9);
  const stoppedNs = Object.values(elapsed.untilStop).reduce((sum, each) => sum + each, 0);
  lab.record(
    'pagesPerRound',
    rounds.map(({ sent }) => sent),
  );
  lab.record('ratePerRound', rounds.map(rateOf), ofRounds);
  lab.record('stopped', [downtimeNs / 1e6], { starts: [stoppedNs / 1e9], ends: [(stoppedNs + downtimeNs) / 1e9] });
  if (speed === 0) return;
  const steps = accesses.map((_, step) => step * lab.stepSeconds);
  lab.record(
    'guestSpeed',
    accesses.map((count) => (count / lab.stepSeconds / speed) * 100),
    { starts: steps, ends: steps.map((start) => start + lab.stepSeconds) },
  );
};

/** Lets the program run alone, moves its domain, and states the metrics. Nothing is stated when the move is refused or fails. */
export const measureMigration = (
  lab: Lab,
  domain: LabDomain,
  { from, to }: { readonly from: LabHost; readonly to: LabHost },
  program: LabProgram | null,
  options: LabMoveOptions = {},
): LabMigration | null => {
  const speed = speedBefore(lab, program);
  const before = program?.accesses ?? 0;
  const partsBefore = partsOf(domain, from.control);
  const migration = lab.migrate(domain, to, options);
  if (migration === null) return null;
  for (const [metric, value] of Object.entries(partsOf(domain, from.control))) {
    lab.measure(metric, value - partsBefore[metric]);
  }
  const { totalNs, downtimeNs, pagesSent, rounds, verification } = migration;
  const mebibytes = (pages: number): number => (pages * lab.pageBytes) / 2 ** 20;
  lab.measure('totalTime', totalNs / 1e9);
  lab.measure('downtime', downtimeNs / 1e6);
  lab.measure('controlCpu', migration.controlCpuNs / 1e9);
  lab.measure('targetControlCpu', migration.targetControlCpuNs / 1e9);
  lab.measure('pagesSent', pagesSent);
  lab.measure('bytesSent', mebibytes(pagesSent));
  explainMigration(lab, migration);
  const last = migration.stopReason === 'post-copy' ? rounds[0] : rounds[rounds.length - 1];
  lab.measure('leftAtStop', (last.sent / verification.frames) * 100);
  if (migration.stopReason !== 'post-copy') {
    lab.measure('converged', migration.stopReason === 'few pages left' ? 100 : 0);
  }
  if (program !== null) {
    const during = (program.accesses - before) / ((totalNs - downtimeNs) / 1e9);
    lab.measure('guestSlowdown', (speed / during - 1) * 100);
  }
  recordTimeLine(lab, migration, speed);
  return migration;
};
