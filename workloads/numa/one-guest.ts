import type { LabNodes } from '../nodes.js';
import type { Lab } from '../workload.js';
import { NODE_PARAMETERS, measureJob, nodesOf, threadANode } from './node-metrics.js';

/** What a workload of one guest over all nodes may be given. */
export const ONE_GUEST_PARAMETERS = {
  ...NODE_PARAMETERS,
  guestMemory: { title: 'Memory of the guest', default: 256, unit: 'MiB', min: 32, max: 4096 },
} as const;

/** How a guest gets its memory over the nodes, and where its kernel places pages. */
interface Placement {
  readonly spread: 'parts' | 'allocations';
  readonly shown?: boolean;
  readonly policy: Parameters<LabNodes['start']>[2];
}

/** One guest with memory from every node and a thread on each; nothing is measured where something is refused. */
export const measureOneGuest = (
  lab: Lab,
  { nodes: asked, nodeMemory, guestMemory, ...threads }: Readonly<Record<keyof typeof ONE_GUEST_PARAMETERS, number>>,
  { policy, ...affinity }: Placement,
): void => {
  const count = nodesOf(asked);
  const nodes = lab.nodes(count, { node: nodeMemory, control: Math.floor(nodeMemory / 4) });
  const host = nodes?.host('source');
  if (!nodes || !host) return;
  const all = Array.from({ length: count }, (_, node) => node);
  const guest = nodes.build(host, { role: 'guest', name: 'guest', memory: guestMemory }, { nodes: all, ...affinity });
  if (guest === null) return;
  nodes.frameMap(host, 'before the job');
  const job = nodes.start(guest, threadANode(count, threads), policy);
  nodes.frameMap(host, 'with the job');
  measureJob(lab, nodes.run([job]));
};
