import type { Workload } from '../workload.js';
import { JOB_METRICS, NODE_PARAMETERS, measureJob, nodesOf, threadANode } from './node-metrics.js';

const PARAMETERS = {
  ...NODE_PARAMETERS,
  guestMemory: { title: 'Memory of the guest', default: 256, unit: 'MiB', min: 32, max: 4096 },
} as const;

export default {
  id: 'numa/interleaved',
  title: 'Guest with a virtual topology, pages interleaved',
  description:
    'As with first touch, but the kernel of the guest puts page after page on the next node that it knows: no thread is near, and no node is full.',
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
    measureJob(lab, nodes.run([nodes.start(guest, threadANode(count, threads), 'interleaved')]));
  },
} satisfies Workload;
