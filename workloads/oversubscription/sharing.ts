import { POOLS, SMALL_CONTROL, freeOf, pagesIn } from '../memory-scene.js';
import type { LabPage } from '../host-memory.js';
import type { LabDomain, Workload } from '../workload.js';

const READS = 20_000;
/** Pages that one frame stands for at most: Linux's limit for pages that are merged (max_page_sharing in mm/ksm.c). */
const PAGES_A_FRAME = 256;

/** Pages that are equal, in parts that may have one frame: all zeros, and each page that the guests have alike. */
const groupsOf = (domains: readonly LabDomain[], zeroPages: number, equalPages: number): LabPage[][] => {
  const zeros = domains.flatMap((domain) => Array.from({ length: zeroPages }, (_, page) => ({ domain, page })));
  const groups: LabPage[][] = [];
  for (let at = 0; at < zeros.length; at += PAGES_A_FRAME) groups.push(zeros.slice(at, at + PAGES_A_FRAME));
  for (let page = zeroPages; page < equalPages; page += 1) groups.push(domains.map((domain) => ({ domain, page })));
  return groups;
};

export default {
  id: 'oversubscription/sharing',
  title: 'Share equal pages until they are written',
  description:
    'Guests have pages of zeros, pages that all have alike, as clones do, and pages of their own. Equal ones are put on one frame, read-only; then guests write some of them, and each of those gets a copy.',
  parameters: {
    guests: { title: 'Guests', default: 4, unit: '', min: 2, max: 64 },
    guestMemory: { title: 'Memory of a guest', default: 32, unit: 'MiB', min: 8, max: 1024 },
    zeros: { title: 'Share of pages that are zeros', default: 10, unit: '%', min: 0, max: 45 },
    alike: { title: 'Share of pages that all guests have alike', default: 30, unit: '%', min: 0, max: 45 },
    written: { title: 'Share of shared pages that are written later', default: 25, unit: '%', min: 0, max: 100 },
    hypothetical: { title: 'Where no real system had it, too (1)', default: 0, unit: '', min: 0, max: 1 },
  },
  metrics: {
    saved: {
      title: 'Memory saved',
      unit: 'MiB',
      better: 'higher',
      description: 'What the heap had more once equal pages were on one frame.',
    },
    savedAfter: {
      title: 'Memory saved in the end',
      unit: 'MiB',
      better: 'higher',
      description: 'The same after pages were written.',
    },
    shareTime: {
      title: 'Time to share a page',
      unit: 'us/page',
      better: 'lower',
      description: 'Processor time of whoever compares and asks, and of the flushes, for each frame that was freed.',
    },
    breakTime: {
      title: 'Time of the first write',
      unit: 'us/write',
      better: 'lower',
      description: 'Processor time of the guest: fault, copy and flush, or a plain write where nothing was shared.',
    },
    readTime: {
      title: 'Slow-down of reads',
      unit: '%',
      better: 'lower',
      description:
        'How much longer a read of the first guest’s kernel takes in the end than before, at random over its memory.',
    },
  },
  run(lab, parameters) {
    const { guests, guestMemory, zeros, alike, written, hypothetical } = parameters;
    const { overcommit, layout } = lab.memory;
    const count = Math.round(guests);
    const size = lab.memory.hypervisorSize + SMALL_CONTROL + count * (guestMemory + POOLS) + POOLS;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 64) * 64 }], SMALL_CONTROL)) return;
    if (hypothetical >= 0.5) overcommit.allowHypothetical();
    const host = lab.host('host');
    if (host === null) return;
    const domains = Array.from({ length: count }, (_, guest) => host.build('guest', `guest ${guest}`, guestMemory));
    const there = domains.filter((domain): domain is LabDomain => domain !== null);
    if (there.length < count) return;
    const [first] = there;
    const pages = pagesIn(lab, guestMemory);
    const zeroPages = Math.floor((pages * zeros) / 100);
    const equal = Array.from({ length: zeroPages + Math.floor((pages * alike) / 100) }, (_, page) => page);
    for (const domain of there)
      for (const page of equal) overcommit.fill(domain, page, page < zeroPages ? 0 : page + 1);
    const readBefore = layout.readNs(first, READS);
    const freeBefore = freeOf(host);
    const cpu = (): number => there.reduce((sum, { cpuNs }) => sum + cpuNs, host.control.cpuNs);
    const cpuBefore = cpu();
    let freed = 0;
    for (const group of groupsOf(there, zeroPages, equal.length)) {
      freed += overcommit.share(group);
      if (freed === 0) return;
    }
    lab.measure('shareTime', (cpu() - cpuBefore) / 1e3 / freed);
    lab.measure('saved', freeOf(host) - freeBefore);
    lab.memory.check(host);
    const stream = lab.random('pages written');
    const guestCpu = (): number => there.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
    const guestBefore = guestCpu();
    let writes = 0;
    for (const domain of there)
      for (const page of equal) {
        if (stream.below(100) >= written) continue;
        domain.touchKernel(page, true);
        writes += 1;
      }
    lab.measure('breakTime', writes === 0 ? 0 : (guestCpu() - guestBefore) / 1e3 / writes);
    lab.measure('savedAfter', freeOf(host) - freeBefore);
    lab.measure('readTime', (layout.readNs(first, READS) / readBefore - 1) * 100);
    lab.memory.check(host);
  },
} satisfies Workload;
