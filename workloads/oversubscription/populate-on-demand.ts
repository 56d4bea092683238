import { POOLS, SMALL_CONTROL, freeOf, pagesIn } from '../memory-scene.js';
import type { Workload } from '../workload.js';

export default {
  id: 'oversubscription/populate-on-demand',
  title: 'Build a guest with fewer frames than pages',
  description:
    'A guest is built with a part of the frames that it believes to have. Its balloon driver has to give up the rest before it touches more pages than that; then its program writes a working set, page after page. Without the balloon it runs out of frames and stops.',
  parameters: {
    guestMemory: { title: 'Memory that the guest believes to have', default: 64, unit: 'MiB', min: 8, max: 4096 },
    frames: { title: 'Share of frames that it gets', default: 50, unit: '%', min: 10, max: 100 },
    balloon: { title: 'Its balloon driver gives up the rest in time (1)', default: 1, unit: '', min: 0, max: 1 },
    workingSet: { title: 'Share of its memory that its program writes', default: 40, unit: '%', min: 1, max: 90 },
    rate: { title: 'Pages written', default: 10_000, unit: 'pages/s', min: 1, max: 1e7 },
    hypothetical: { title: 'Where no real system had it, too (1)', default: 0, unit: '', min: 0, max: 1 },
  },
  metrics: {
    taken: {
      title: 'Memory of the host that it takes',
      unit: 'MiB',
      better: 'lower',
      description: 'With what the hypervisor keeps for its tables.',
    },
    buildTime: {
      title: 'Time to build it',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time of the control domain and of the guest until its balloon driver is done.',
    },
    writeTime: {
      title: 'Time of a first write',
      unit: 'us/page',
      better: 'lower',
      description:
        'Processor time of the guest for each page of the working set, faults and sweeps for pages of zeros included.',
    },
    written: {
      title: 'Share of the working set written',
      unit: '%',
      better: 'higher',
      description: 'Less than all where the program had to stop because there was no frame left.',
    },
  },
  run(lab, { guestMemory, frames, balloon, workingSet, rate, hypothetical }) {
    const { overcommit } = lab.memory;
    const size = lab.memory.hypervisorSize + SMALL_CONTROL + guestMemory + 2 * POOLS;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 64) * 64 }], SMALL_CONTROL)) return;
    if (hypothetical >= 0.5) overcommit.allowHypothetical();
    const host = lab.host('host');
    if (host === null) return;
    const freeBefore = freeOf(host);
    const cpuBefore = host.control.cpuNs;
    const domain = { role: 'guest', name: 'guest', memory: guestMemory, frames: (guestMemory * frames) / 100 } as const;
    const guest = overcommit.buildOnDemand(host, domain);
    if (guest === null) return;
    if (balloon >= 0.5) guest.balloonOut(pagesIn(lab, guestMemory * (1 - frames / 100)));
    lab.measure('buildTime', (host.control.cpuNs - cpuBefore + guest.cpuNs) / 1e6);
    lab.measure('taken', freeBefore - freeOf(host));
    const pages = Math.min(pagesIn(lab, (guestMemory * workingSet) / 100), Math.floor(guest.freePages * 0.9));
    const before = guest.cpuNs;
    const program = guest.start(lab.patterns.sweep({ pages, downwards: false }), { rate });
    lab.advance(pages / rate);
    const first = program.accesses;
    lab.measure('writeTime', first === 0 ? 0 : (guest.cpuNs - before) / 1e3 / first);
    lab.advance((2 * pages) / rate);
    lab.measure('written', overcommit.stopped(guest) ? (Math.min(program.accesses, pages) / pages) * 100 : 100);
    lab.memory.check(host);
  },
} satisfies Workload;
