import type { QueueRun } from './queue-network.js';

/** How far, as a share, two sums of the same thing may be apart: rounding of a long sum. */
const ROUNDING = 1e-6;

const differ = (one: number, other: number): boolean =>
  Math.abs(one - other) > ROUNDING * Math.max(1, Math.abs(one), Math.abs(other));

/**
 * What cannot be true of a run, in sentences; none when all is well. At every stage: Little's law, with the number of jobs followed
 * from event to event on one side and each job's own times on the other; the utilisation law, with servers at work on one side and
 * times of service on the other; no server busy for longer than there was time; nothing that came and did not go.
 */
export const checkQueueLaws = ({ jobs, elapsedNs, latenciesNs, stages }: QueueRun): string[] => {
  const faults: string[] = [];
  if (jobs !== latenciesNs.length) faults.push(`${latenciesNs.length} jobs came and ${jobs} ended`);
  for (const { name, servers, busyNs, serviceNs, presentNs, sojournNs } of stages) {
    if (differ(presentNs, sojournNs)) {
      faults.push(`${name}: ${presentNs} ns of jobs in it, but they were there for ${sojournNs} ns (Little's law)`);
    }
    if (differ(busyNs, serviceNs)) {
      faults.push(`${name}: busy for ${busyNs} ns, but service took ${serviceNs} ns (utilisation law)`);
    }
    if (busyNs > servers * elapsedNs * (1 + ROUNDING)) faults.push(`${name}: busy for longer than there was time`);
  }
  const present = stages.reduce((sum, stage) => sum + stage.presentNs, 0);
  const latency = latenciesNs.reduce((sum, each) => sum + each, 0);
  if (differ(present, latency)) {
    faults.push(`${present} ns of jobs in all stages, but they took ${latency} ns from end to end (Little's law)`);
  }
  return faults;
};

/** Share of the time that a stage's servers were at work, 0 to 1. */
export const utilisation = (run: QueueRun, stage: number): number => {
  const { busyNs, servers } = run.stages[stage];
  return run.elapsedNs === 0 ? 0 : busyNs / (servers * run.elapsedNs);
};

/** The stage that was at work for the largest share of the time. */
export const busiestStage = (run: QueueRun): number =>
  run.stages.reduce((best, _, stage) => (utilisation(run, stage) > utilisation(run, best) ? stage : best), 0);

/** Jobs a second, from the end of the first `warmUp` of them to the end of the last. */
export const throughput = ({ endsNs, jobs }: QueueRun, warmUp = 0): number => {
  const fromNs = warmUp === 0 ? 0 : endsNs[warmUp - 1];
  return ((jobs - warmUp) / (endsNs[jobs - 1] - fromNs)) * 1e9;
};

/** The value that a share of the samples (0 to 1) is not above: nearest rank. */
export const percentile = (samples: Float64Array, share: number): number => {
  const sorted = samples.toSorted();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
};
