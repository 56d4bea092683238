import type { Workload } from '../workload.js';
import { JOB_METRICS, NODE_PARAMETERS, measureJob, nodesOf, threadANode } from './node-metrics.js';

const PARAMETERS = {
  ...NODE_PARAMETERS,
  guestMemory: { title: 'Memory of the guest', default: 256, unit: 'MiB', min: 32, max: 4096 },
} as const;

export default {
  id: 'numa/blind',
  title: 'Guest over all nodes that is told of none',
  description:
    'A guest gets its memory from all nodes in turn, chunk by chunk, as by a hypervisor that is not told where it runs. It cannot tell near memory from far.',
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
      { nodes: all, spread: 'allocations' },
    );
    if (guest === null) return;
    measureJob(lab, nodes.run([nodes.start(guest, threadANode(count, threads), 'first touch')]));
  },
} satisfies Workload;
