import type { Host, Platform } from '../../../engine/index.js';
import { distancesByHops, ladderLinks } from '../../../engine/numa/topology.js';
import type { NumaTopology } from '../../../engine/numa/topology.js';
import { hostOf, platformOf } from '../support.js';

/** Nodes on a ladder, 10 to themselves and 6 more a hop. */
export const ladder = (nodes: number): NumaTopology => ({
  links: ladderLinks(nodes),
  distances: distancesByHops(ladderLinks(nodes), nodes, [10, 16, 22, 28, 34]),
});

/** A small platform with a bank of so many frames on each node, and a hole after each. */
export const nodesPlatform = (nodes: number, frames: number, own: Partial<Platform> = {}): Platform => {
  const plain = platformOf([[0, frames]], own);
  const banks = Array.from({ length: nodes }, (_, node) => ({
    start: 2 * node * frames * plain.pageBytes,
    size: frames * plain.pageBytes,
    node,
  }));
  return { ...plain, banks, numa: { topology: ladder(nodes) } };
};

export const hostWithNodes = (nodes: number, frames: number): Host => hostOf(nodesPlatform(nodes, frames));
