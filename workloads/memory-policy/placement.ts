import { JOB_METRICS, measureJob, nodesOf } from '../numa/node-metrics.js';
import type { Workload } from '../workload.js';
import { POLICY_PARAMETERS, rulesOf } from './policy-parameters.js';

export default {
  id: 'memory-policy/placement',
  title: 'Guests asked for on a node, placed by whoever owns memory',
  description:
    "Guests of one thread each are asked for on one node after the other. The hypervisor knows where each frame is. A domain0 that owns memory chooses by what it sees of the nodes: all of them where its frame numbers are the machine's, else one.",
  parameters: {
    ...POLICY_PARAMETERS,
    memory: { ...POLICY_PARAMETERS.memory, default: 1024 },
    nodes: { title: 'Nodes', default: 4, unit: '', min: 2, max: 8 },
    guestMemory: { title: 'Memory of a guest', default: 16, unit: 'MiB', min: 8, max: 4096 },
    threadMemory: { title: 'Memory that a thread goes through', default: 8, unit: 'MiB', min: 1, max: 1024 },
    passes: { title: 'Times that it does', default: 100, unit: '', min: 1, max: 1e6 },
    writeShare: { title: 'Share of writes', default: 33, unit: '%', min: 0, max: 100 },
  },
  metrics: JOB_METRICS,
  run(lab, parameters) {
    const { guestMemory, threadMemory: memory, passes, writeShare } = parameters;
    const count = nodesOf(parameters.nodes);
    const policy = lab.policy({ ...rulesOf(parameters), nodes: count });
    const host = policy?.host('source');
    const nodes = policy?.nodes;
    if (!nodes || !host) return;
    const jobs = Array.from({ length: count }, (_, node) => {
      const guest = nodes.build(
        host,
        { role: 'guest', name: `guest ${node}`, memory: guestMemory },
        { nodes: [node], spread: 'allocations' },
      );
      if (guest === null) return null;
      return nodes.start(guest, [{ node, memory, passes, writeShare: writeShare / 100 }], 'first touch');
    });
    const there = jobs.filter((job) => job !== null);
    if (there.length === count) measureJob(lab, nodes.run(there));
  },
} satisfies Workload;
