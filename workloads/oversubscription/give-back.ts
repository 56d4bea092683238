import { WHO, POOLS, controlMemory, domainOf, freeOf, mebibytesOf, pagesIn, takeFree } from '../memory-scene.js';
import type { Workload } from '../workload.js';

export default {
  id: 'oversubscription/give-back',
  title: 'Give memory up, and want it back after others had it',
  description:
    'A domain balloons a part of its memory out, another guest is built from what is free then, and the domain wants its memory back while that guest lives, and once more when it is gone. A domain whose addresses are its frames needs the very same ones: released, they are short by those that others have; kept, none is short and nothing was freed.',
  parameters: {
    ...WHO,
    given: { title: 'Share of its memory that it gives up', default: 50, unit: '%', min: 1, max: 90 },
    taken: { title: 'Share of free memory that the other guest takes', default: 60, unit: '%', min: 1, max: 100 },
    batch: {
      title: 'Frames that one operation names; at 1 each has a hypercall',
      default: 1,
      unit: '',
      min: 1,
      max: 512,
    },
    slack: { title: 'Memory of the host that nobody has', default: 64, unit: 'MiB', min: 16, max: 4096 },
  },
  metrics: {
    freed: {
      title: 'Memory freed for others',
      unit: 'MiB',
      better: 'higher',
      description: 'What the heap had more once the domain had given its memory up.',
    },
    cameBack: {
      title: 'Share that came back while the other guest lived',
      unit: '%',
      better: 'higher',
      description: 'Of the pages that it had given up; memory was free for all of them.',
    },
    takenByOthers: {
      title: 'Frames that another domain had',
      unit: 'pages',
      better: 'lower',
      description:
        'Pages given up whose very frames another domain, or the hypervisor for its tables, had when they were wanted back, where it matters.',
    },
    cameBackAfter: {
      title: 'Share that was back in the end',
      unit: '%',
      better: 'higher',
      description: 'The same once the other guest was gone.',
    },
    timeOut: {
      title: 'Time to give a page up',
      unit: 'us/page',
      better: 'lower',
      description: 'Processor time of the domain, with scrubbing.',
    },
    timeIn: {
      title: 'Time to take a page back',
      unit: 'us/page',
      better: 'lower',
      description: 'Processor time of the domain, for each page that it asked for while the other guest lived.',
    },
  },
  run(lab, parameters) {
    const { memory, given, taken, slack } = parameters;
    const batch = Math.round(parameters.batch);
    const control = controlMemory(parameters);
    const size = lab.memory.hypervisorSize + control + memory + slack + 2 * POOLS;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 64) * 64 }], control)) return;
    const host = lab.host('host');
    const domain = host === null ? null : domainOf(host, parameters);
    if (host === null || domain === null) return;
    lab.memory.frameMap(host, 'before');
    const freeBefore = freeOf(host);
    const cpuBefore = domain.cpuNs;
    const out = domain.balloonOut(pagesIn(lab, (memory * given) / 100), batch);
    if (out === 0) return;
    lab.measure('timeOut', (domain.cpuNs - cpuBefore) / 1e3 / out);
    lab.measure('freed', freeOf(host) - freeBefore);
    const room = Math.max(0, freeOf(host) - mebibytesOf(lab, out) - POOLS) / freeOf(host);
    const other = takeFree(host, 'other', Math.min(taken / 100, Math.max(room, 0.01)));
    lab.memory.frameMap(host, 'given up');
    lab.measure('takenByOthers', lab.memory.overcommit.takenByOthers(domain));
    const cpuThen = domain.cpuNs;
    const back = domain.balloonIn(Infinity, batch);
    lab.measure('timeIn', (domain.cpuNs - cpuThen) / 1e3 / out);
    lab.measure('cameBack', (back / out) * 100);
    lab.memory.frameMap(host, 'wanted back');
    if (other !== null) host.destroy(other);
    lab.measure('cameBackAfter', ((back + domain.balloonIn()) / out) * 100);
    lab.memory.check(host);
  },
} satisfies Workload;
