import type { Workload } from '../workload.js';

export default {
  id: 'control-domain/network-stream',
  title: 'Send files from domain0 over the network',
  description:
    'The control domain sends pages from anywhere in its memory through its network stack, without copying them: the kernel reads each page, and the device is given an address for every segment.',
  parameters: {
    amount: { title: 'Data sent', default: 64, unit: 'MiB', min: 1, max: 4096 },
  },
  metrics: {
    cpuPerMiB: {
      title: 'CPU time of domain0 for each MiB sent',
      unit: 'µs/MiB',
      better: 'lower',
      description:
        'Processor time of reading the pages, passing them through the network stack and finding their addresses.',
    },
  },
  run(lab, { amount }) {
    const host = lab.host('source');
    if (host === null) return;
    const { control } = host;
    const stream = lab.random('pages sent');
    const pages = control.freePages;
    const before = control.cpuNs;
    const count = Math.floor((amount * 2 ** 20) / lab.pageBytes);
    for (let sent = 0; sent < count; sent += 1) {
      const page = stream.below(pages);
      control.touchKernel(page, false);
      control.sendByDma(page);
    }
    lab.measure('cpuPerMiB', (control.cpuNs - before) / 1e3 / amount);
  },
} satisfies Workload;
