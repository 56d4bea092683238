import type { Workload } from '../workload.js';
import { JOB_METRICS, NODE_PARAMETERS, measureJob, nodesOf, threadANode } from './node-metrics.js';

export default {
  id: 'numa/control-domain',
  title: 'Memory-bound job in a control domain over all nodes',
  description:
    'The control domain has three quarters of all memory, as where it owns all but a reserve. A thread on each node goes through memory of its own, which the kernel places where it is touched first, as far as it sees the nodes.',
  parameters: NODE_PARAMETERS,
  metrics: JOB_METRICS,
  run(lab, { nodes: asked, nodeMemory, ...threads }) {
    const count = nodesOf(asked);
    const nodes = lab.nodes(count, { node: nodeMemory, control: Math.floor(0.75 * count * nodeMemory) });
    const host = nodes?.host('source');
    if (!nodes || !host) return;
    nodes.frameMap(host, 'before the job');
    const job = nodes.start(host.control, threadANode(count, threads), 'first touch');
    nodes.frameMap(host, 'with the job');
    measureJob(lab, nodes.run([job]));
  },
} satisfies Workload;
