import type { Lab } from '../workload.js';
import { measureJob, measureRebalancing, nodesOf, threadANode } from './node-metrics.js';

/**
 * A job of the control domain whose threads were all moved on by one node: each is far from its memory until somebody
 * brings that to it.
 */
export const runRebalancing = (lab: Lab, given: Readonly<Record<string, number>>, by: 'hypervisor' | 'guest'): void => {
  const { nodes: asked, nodeMemory, ...threads } = given;
  const count = nodesOf(asked);
  const nodes = lab.nodes(count, { node: nodeMemory, control: Math.floor(0.75 * count * nodeMemory) });
  const all = Array.from({ length: count }, (_, node) => node);
  const host = nodes?.host('source', { nodes: all, spread: 'parts', shown: true });
  if (!nodes || !host) return;
  const job = nodes.start(host.control, threadANode(count, threads), 'first touch');
  nodes.moveThreads(
    job,
    all.map((node) => (node + 1) % count),
  );
  lab.measure('before', nodes.run([job]).seconds);
  const rebalancing = nodes.rebalance(job, by);
  if (rebalancing !== null) measureRebalancing(lab, rebalancing);
  measureJob(lab, nodes.run([job]));
};
