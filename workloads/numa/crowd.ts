import type { LabNodes } from '../nodes.js';
import type { Lab } from '../workload.js';
import { NODE_PARAMETERS, measureJob, nodesOf } from './node-metrics.js';

export const CROWD_PARAMETERS = {
  ...NODE_PARAMETERS,
  guests: { title: 'Guests', default: 7, unit: '', min: 1, max: 64 },
  guestMemory: { title: 'Memory of a guest', default: 64, unit: 'MiB', min: 16, max: 4096 },
} as const;

type Given = Readonly<Record<string, number>>;

/** Nodes that guests have their memory from: their own, all in turn, or the one that their first processor is on. */
export type CrowdPlacement = 'own' | 'all' | 'first processor';

/** Guests of one thread each, on one node after the other. */
export const runCrowd = (lab: Lab, given: Given, place: CrowdPlacement): void => {
  const { nodeMemory, guestMemory, threadMemory, passes, writeShare } = given;
  const count = nodesOf(given['nodes']);
  const nodes: LabNodes | null = lab.nodes(count, { node: nodeMemory, control: Math.floor(nodeMemory / 4) });
  const host = nodes?.host('source');
  if (!nodes || !host) return;
  const all = Array.from({ length: count }, (_, node) => node);
  const first = place === 'first processor' ? nodes.firstNodes(given['guests'], given['processors']) : [];
  const jobs = Array.from({ length: given['guests'] }, (_, index) => {
    const node = index % count;
    const from = place === 'own' ? [node] : place === 'all' ? all : [first[index]];
    const placement = { nodes: from, spread: 'allocations' } as const;
    const guest = nodes.build(host, { role: 'guest', name: `guest ${index + 1}`, memory: guestMemory }, placement);
    if (guest === null) return null;
    return nodes.start(guest, [{ node, memory: threadMemory, passes, writeShare: writeShare / 100 }], 'first touch');
  });
  const there = jobs.filter((job) => job !== null);
  if (there.length === jobs.length) measureJob(lab, nodes.run(there));
};
