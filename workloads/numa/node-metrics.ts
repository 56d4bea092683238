import type { LabJobRun, LabRebalancing, LabThread } from '../nodes.js';
import type { Lab, WorkloadMetric, WorkloadParameter } from '../workload.js';

/** What workloads on nodes may be given. */
export const NODE_PARAMETERS = {
  nodes: { title: 'Nodes', default: 4, unit: '', min: 2, max: 8 },
  nodeMemory: { title: 'Memory of a node', default: 512, unit: 'MiB', min: 128, max: 16_384 },
  threadMemory: { title: 'Memory that a thread goes through', default: 16, unit: 'MiB', min: 1, max: 1024 },
  passes: { title: 'Times that it does', default: 100, unit: '', min: 1, max: 1e6 },
  writeShare: { title: 'Share of writes', default: 33, unit: '%', min: 0, max: 100 },
} as const satisfies Record<string, WorkloadParameter>;

/** What every memory-bound job states. */
export const JOB_METRICS = {
  runTime: {
    title: 'Run time of the memory-bound job',
    unit: 's',
    better: 'lower',
    description: 'Until the last thread is done, with waiting for memory and for links between nodes in it.',
  },
  accessTime: {
    title: 'Time of an access',
    unit: 'ns',
    better: 'lower',
    description: 'What a line of memory takes a thread on average, several under way at a time.',
  },
  localShare: {
    title: 'Accesses to near memory',
    unit: '%',
    better: 'higher',
    description: 'Share of accesses to memory of the node that the thread runs on.',
  },
  bandwidth: {
    title: 'Memory bandwidth of the job',
    unit: 'GB/s',
    better: 'higher',
    description: 'What all threads read and write a second, by the run time.',
  },
} as const satisfies Record<string, WorkloadMetric>;

/** What every rebalancing states. */
export const REBALANCE_METRICS = {
  ...JOB_METRICS,
  before: {
    title: 'Run time before rebalancing',
    unit: 's',
    better: 'lower',
    description: 'The same job with its threads on other nodes than their memory.',
  },
  migrationTraffic: {
    title: 'Memory moved between nodes',
    unit: 'MiB',
    better: 'lower',
    description: 'Pages that were copied to the node of the thread that uses them.',
  },
  leftBehind: {
    title: 'Memory that stayed far',
    unit: 'MiB',
    better: 'lower',
    description: 'Pages that should have moved and could not.',
  },
  pause: {
    title: 'Time lost to moving it',
    unit: 'ms',
    better: 'lower',
    description: 'How long the domain stood still, or its kernel copied pages itself.',
  },
} as const satisfies Record<string, WorkloadMetric>;

/** 2, 4 and 8 nodes: the largest power of two that is not above the parameter. */
export const nodesOf = (nodes: number): number => 2 ** Math.floor(Math.log2(nodes));

/** One thread on each node. */
export const threadANode = (
  nodes: number,
  { threadMemory, passes, writeShare }: Readonly<Record<string, number>>,
): readonly LabThread[] =>
  Array.from({ length: nodes }, (_, node) => ({
    node,
    memory: threadMemory,
    passes,
    writeShare: writeShare / 100,
  }));

export const measureJob = (lab: Lab, { seconds, accessNs, localShare, bytesPerSecond }: LabJobRun): void => {
  lab.measure('runTime', seconds);
  lab.measure('accessTime', accessNs);
  lab.measure('localShare', localShare * 100);
  lab.measure('bandwidth', bytesPerSecond / 1e9);
};

export const measureRebalancing = (lab: Lab, { moved, left, seconds }: LabRebalancing): void => {
  lab.measure('migrationTraffic', moved);
  lab.measure('leftBehind', left);
  lab.measure('pause', seconds * 1e3);
};
