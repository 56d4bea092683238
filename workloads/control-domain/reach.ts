import type { Workload } from '../workload.js';

export default {
  id: 'control-domain/reach',
  title: 'Reach into a guest without a right to',
  description:
    'The control domain puts the number of every frame of a guest into an entry of its own and inserts it, without having mapped any of them. The metric is the share that it reached. Without an IOMMU a device of its own reaches all of memory whatever the model is; this is about the processor.',
  parameters: {
    guestMemory: { title: 'Memory of the guest', default: 64, unit: 'MiB', min: 1, max: 1024 },
  },
  metrics: {
    reachable: {
      title: 'Frames of the guest that domain0 can reach',
      unit: '%',
      better: 'lower',
      description: 'Share of the frames of a guest that the control domain reads and writes without a right to.',
    },
  },
  run(lab, { guestMemory }) {
    const host = lab.host('source');
    if (host === null) return;
    const guest = host.build('guest', 'guest', guestMemory);
    if (guest === null) return;
    const { tried, reached } = host.control.reach(guest);
    lab.measure('reachable', (reached / tried) * 100);
  },
} satisfies Workload;
