import type { Workload } from '../workload.js';
import { whole } from './measure-operations.js';

export default {
  id: 'address-space/domain-creation',
  title: 'Create and destroy domains',
  description:
    'The control domain builds a guest, the guest runs processes for a moment, and it is destroyed; over and over. All of its memory is scrubbed before it belongs to nobody.',
  parameters: {
    domains: { title: 'Domains made', default: 5, unit: '', min: 1, max: 1000 },
    memory: { title: 'Memory of each', default: 128, unit: 'MiB', min: 16, max: 16_384 },
    processes: { title: 'Processes that each makes', default: 4, unit: '', min: 0, max: 1000 },
  },
  metrics: {
    buildTime: {
      title: 'Time to build a domain',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time of the control domain, on average.',
    },
    destroyTime: {
      title: 'Time to destroy a domain',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time of the control domain, scrubbing included, on average.',
    },
    overhead: {
      title: 'Memory that a domain takes beside its own',
      unit: 'KiB',
      better: 'lower',
      description: 'By how much more than its memory the free memory of the host falls when it is built.',
    },
    notGivenBack: {
      title: 'Memory that is not given back',
      unit: 'KiB',
      better: 'lower',
      description: 'By how much the free memory of the host is less when all of them are gone.',
    },
  },
  run(lab, { domains: wanted, memory, processes }) {
    const domains = whole(wanted);
    const host = lab.host('host');
    if (host === null) return;
    const { control } = host;
    const free = host.freeBytes;
    let [buildNs, destroyNs, overhead] = [0, 0, 0];
    for (let made = 0; made < domains; made += 1) {
      const before = control.use().ns;
      const guest = host.build('guest', `guest ${made + 1}`, memory);
      if (guest === null) return;
      buildNs += control.use().ns - before;
      overhead += free - host.freeBytes - memory * 2 ** 20;
      const table = guest.processes();
      for (let process = 0; process < processes; process += 1) {
        table.fork();
        table.yield();
        table.run(64, 16);
      }
      const built = control.use().ns;
      if (!host.destroy(guest)) return;
      destroyNs += control.use().ns - built;
    }
    lab.measure('buildTime', buildNs / domains / 1e6);
    lab.measure('destroyTime', destroyNs / domains / 1e6);
    lab.measure('overhead', overhead / domains / 1024);
    lab.measure('notGivenBack', (free - host.freeBytes) / 1024);
  },
} satisfies Workload;
