import type { Workload } from '../workload.js';
import { nodesOf } from './node-metrics.js';

export default {
  id: 'numa/driver-domain',
  title: 'Driver domain near and far from ring and buffers',
  description:
    'A driver domain copies packets between buffers of a guest and its own, told of them by a ring in the memory of the guest. Guest and driver domain are asked for on node 0, then the guest on the last node. Time is that of memory alone: no hypercall, no translation.',
  parameters: {
    nodes: { title: 'Nodes', default: 4, unit: '', min: 2, max: 8 },
    nodeMemory: { title: 'Memory of a node', default: 512, unit: 'MiB', min: 128, max: 16_384 },
    memory: { title: 'Memory of each domain', default: 64, unit: 'MiB', min: 16, max: 1024 },
    packet: { title: 'Size of a packet', default: 1500, unit: 'B', min: 64, max: 65_536 },
  },
  metrics: {
    near: {
      title: 'Memory time of a packet, guest on the same node',
      unit: 'ns',
      better: 'lower',
      description: 'Ring and buffers of the guest asked for on the node of the driver domain.',
    },
    far: {
      title: 'Memory time of a packet, guest on the last node',
      unit: 'ns',
      better: 'lower',
      description: 'Ring and buffers of the guest asked for on the node farthest by number.',
    },
  },
  run(lab, { nodes: asked, nodeMemory, memory, packet }) {
    const count = nodesOf(asked);
    const nodes = lab.nodes(count, { node: nodeMemory, control: Math.floor(nodeMemory / 4) });
    const host = nodes?.host('source');
    if (!nodes || !host) return;
    const on = (role: 'guest' | 'driver', name: string, node: number) =>
      nodes.build(host, { role, name, memory }, { nodes: [node], spread: 'allocations' });
    const driver = on('driver', 'driver', 0);
    const near = on('guest', 'near guest', 0);
    const far = on('guest', 'far guest', count - 1);
    if (driver === null || near === null || far === null) return;
    lab.measure('near', nodes.packetNs({ driver, guest: near, node: 0, packetBytes: packet }));
    lab.measure('far', nodes.packetNs({ driver, guest: far, node: 0, packetBytes: packet }));
  },
} satisfies Workload;
