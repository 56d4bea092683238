import { POOLS, SMALL_CONTROL, freeOf, mebibytesOf, pagesIn } from '../memory-scene.js';
import type { Workload } from '../workload.js';

export default {
  id: 'oversubscription/paging',
  title: 'Page a guest’s cold memory out to disk',
  description:
    'A program of a guest uses a part of its memory most of the time. A pager in the control domain writes some of the rest to a disk. What the program touches there comes back, and the program waits for the disk.',
  parameters: {
    guestMemory: { title: 'Memory of the guest', default: 64, unit: 'MiB', min: 8, max: 4096 },
    workingSet: { title: 'Memory of its program', default: 32, unit: 'MiB', min: 4, max: 4096 },
    hot: { title: 'Share of it that is hot', default: 25, unit: '%', min: 1, max: 99 },
    hotShare: { title: 'Share of accesses to that', default: 99, unit: '%', min: 0, max: 100 },
    out: { title: 'Share of the cold part that is paged out', default: 50, unit: '%', min: 1, max: 100 },
    rate: { title: 'Accesses of the program', default: 10_000, unit: 'accesses/s', min: 1, max: 1e7 },
    seconds: { title: 'Time looked at', default: 5, unit: 's', min: 0.1, max: 3600 },
  },
  metrics: {
    freed: {
      title: 'Memory freed',
      unit: 'MiB',
      better: 'higher',
      description: 'What the heap had more when the pager was done.',
    },
    kept: {
      title: 'Memory still freed in the end',
      unit: 'MiB',
      better: 'higher',
      description: 'What of it had not come back by then.',
    },
    pagerTime: {
      title: 'Time to page a page out',
      unit: 'us/page',
      better: 'lower',
      description: 'Processor and disk, as the pager waits for each page that it writes.',
    },
    slowdown: {
      title: 'Slow-down of the program',
      unit: '%',
      better: 'lower',
      description: 'Accesses that it made less than in as long a time before.',
    },
    waitTime: {
      title: 'Time for a page to come back',
      unit: 'us/page',
      better: 'lower',
      description: 'What the guest lost for each page: the fault, the disk and the copy.',
    },
  },
  run(lab, { guestMemory, workingSet, hot, hotShare, out, rate, seconds }) {
    const { overcommit } = lab.memory;
    const size = lab.memory.hypervisorSize + SMALL_CONTROL + guestMemory + 2 * POOLS;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 64) * 64 }], SMALL_CONTROL)) return;
    const host = lab.host('host');
    const guest = host?.build('guest', 'guest', guestMemory) ?? null;
    if (host === null || guest === null) return;
    overcommit.addDisk(host, guestMemory);
    const pages = Math.min(pagesIn(lab, workingSet), Math.floor(guest.freePages * 0.9));
    const hotPages = Math.max(1, Math.floor((pages * hot) / 100));
    const pattern = lab.patterns.hotAndCold({
      pages,
      hotPages,
      hotShare: hotShare / 100,
      writeShare: 0.5,
      stream: lab.random('accesses'),
    });
    const program = guest.start(pattern, { rate });
    lab.advance(seconds);
    const usual = program.accesses;
    const freeBefore = freeOf(host);
    const [cpuBefore, guestBefore] = [host.control.cpuNs, guest.cpuNs];
    const gone = overcommit.pageOutProgram(guest, hotPages, Math.floor(((pages - hotPages) * out) / 100));
    if (gone === 0) return;
    lab.measure('freed', freeOf(host) - freeBefore);
    lab.measure('pagerTime', (host.control.cpuNs - cpuBefore + guest.cpuNs - guestBefore) / 1e3 / gone);
    lab.memory.check(host);
    const guestThen = guest.cpuNs;
    lab.advance(seconds);
    const left = overcommit.outside(guest);
    lab.measure('kept', mebibytesOf(lab, left));
    lab.measure('slowdown', (1 - (program.accesses - usual) / usual) * 100);
    lab.measure('waitTime', gone === left ? 0 : (guest.cpuNs - guestThen) / 1e3 / (gone - left));
    lab.memory.check(host);
  },
} satisfies Workload;
