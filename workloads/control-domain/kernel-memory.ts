import type { Workload } from '../workload.js';

export default {
  id: 'control-domain/kernel-memory',
  title: 'Touch kernel memory of domain0',
  description:
    'The kernel of the control domain touches pages of its identity mapping at random over a footprint, as its caches and tables make it do. What this costs depends on the page size that its translations get.',
  parameters: {
    footprint: { title: 'Kernel memory touched', default: 64, unit: 'MiB', min: 1, max: 256 },
    accesses: { title: 'Accesses', default: 200_000, unit: 'accesses', min: 1000, max: 1e7 },
  },
  metrics: {
    accessTime: {
      title: 'Time of one access',
      unit: 'ns/access',
      better: 'lower',
      description:
        'Processor time of an access of the kernel to its own memory, translation misses included, on average.',
    },
  },
  run(lab, { footprint, accesses }) {
    const host = lab.host('source');
    if (host === null) return;
    const { control } = host;
    const stream = lab.random('pages touched');
    const pages = Math.min(control.freePages, Math.floor((footprint * 2 ** 20) / lab.pageBytes));
    const touch = (count: number): void => {
      for (let done = 0; done < count; done += 1) control.touchKernel(stream.below(pages), true);
    };
    touch(accesses / 4);
    const before = control.cpuNs;
    touch(accesses);
    lab.measure('accessTime', (control.cpuNs - before) / accesses);
  },
} satisfies Workload;
