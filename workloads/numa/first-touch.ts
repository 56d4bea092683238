import type { Workload } from '../workload.js';
import { JOB_METRICS, NODE_PARAMETERS, measureJob, nodesOf, threadANode } from './node-metrics.js';

const PARAMETERS = {
  ...NODE_PARAMETERS,
  guestMemory: { title: 'Memory of the guest', default: 256, unit: 'MiB', min: 32, max: 4096 },
} as const;

export default {
  id: 'numa/first-touch',
  title: 'Guest with a virtual topology, pages placed at first touch',
  description:
    "A guest gets an equal part of its memory from each node and is told which part is which. A thread on each node goes through memory of its own, placed where it is touched first. A guest whose frame numbers are the machine's reads the topology of the host instead, and its memory is where the platform puts it.",
  parameters: PARAMETERS,
  metrics: JOB_METRICS,
  run(lab, { nodes: asked, nodeMemory, guestMemory, ...threads }) {
    const count = nodesOf(asked);
    const nodes = lab.nodes(count, { node: nodeMemory, control: Math.floor(nodeMemory / 4) });
    const host = nodes?.host('source');
    if (!nodes || !host) return;
    const all = Array.from({ length: count }, (_, node) => node);
    const guest = nodes.build(
      host,
      { role: 'guest', name: 'guest', memory: guestMemory },
      { nodes: all, spread: 'parts', shown: true },
    );
    if (guest === null) return;
    measureJob(lab, nodes.run([nodes.start(guest, threadANode(count, threads), 'first touch')]));
  },
} satisfies Workload;
