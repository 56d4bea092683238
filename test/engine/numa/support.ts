import type { Host, Platform } from '../../../engine/index.js';
import type { MemoryTiming } from '../../../engine/numa/memory-timing.js';
import { distancesByHops, ladderLinks } from '../../../engine/numa/topology.js';
import type { NumaTopology } from '../../../engine/numa/topology.js';
import { hostOf, platformOf } from '../support.js';

/** NUMA-00 to NUMA-04. */
export const OPTERON: MemoryTiming = {
  lineBytes: 64,
  memoryBytesPerSecond: 0.7 * 6.4e9,
  linkBytesPerSecond: 4e9,
  linesInFlight: 4,
  read: { localBytesPerSecond: 1.64e9, timesByHops: [100, 108.5, 130] },
  write: { localBytesPerSecond: 2.98e9, timesByHops: [113, 128, 149] },
};

const HOPS = [10, 16, 22, 28, 34];

/** Nodes on a ladder, 10 to themselves and 6 more a hop. */
export const ladder = (nodes: number): NumaTopology => ({
  links: ladderLinks(nodes),
  distances: distancesByHops(ladderLinks(nodes), nodes, HOPS),
});

/** A small platform with a bank of so many frames on each node, and a hole after each. */
export const nodesPlatform = (nodes: number, frames: number, own: Partial<Platform> = {}): Platform => {
  const plain = platformOf([[0, frames]], own);
  const banks = Array.from({ length: nodes }, (_, node) => ({
    start: 2 * node * frames * plain.pageBytes,
    size: frames * plain.pageBytes,
    node,
  }));
  return { ...plain, banks, numa: { topology: ladder(nodes), distancesByHops: HOPS, timing: OPTERON } };
};

export const hostWithNodes = (nodes: number, frames: number): Host => hostOf(nodesPlatform(nodes, frames));
