import type { LabDomain, Workload } from '../workload.js';
import { PLACE, pagesOf, placeOf } from './measure-operations.js';

/** The smallest footprint, in KiB. */
const FIRST = 64;

/** What an access to one footprint cost. */
interface Read {
  readonly ns: number;
  readonly missNs: number;
  readonly hypervisorNs: number;
  readonly overheadBytes: number;
}

export default {
  id: 'address-space/memory-access',
  title: 'Read at random over larger and larger memory',
  description:
    'A process reads pages at random, first of a small footprint that the TLB holds, then of footprints that double up to the largest, which it does not hold. Once with small pages, and once with large pages where entries can be large. The metrics are of the largest footprint.',
  parameters: {
    largest: { title: 'Largest footprint', default: 32, unit: 'MiB', min: 1, max: 2048 },
    accesses: { title: 'Accesses to each footprint', default: 10_000, unit: '', min: 1000, max: 1e7 },
    ...PLACE,
  },
  metrics: {
    accessTime: {
      title: 'Time of one access with small pages',
      unit: 'ns/access',
      better: 'lower',
      description: 'Processor time of a random read over the largest footprint, TLB misses included, on average.',
    },
    largePageAccessTime: {
      title: 'Time of one access with large pages',
      unit: 'ns/access',
      better: 'lower',
      description: 'The same where the process asked for large pages; where none can be had it is that of small ones.',
    },
    missTime: {
      title: 'Time of TLB misses in one access with small pages',
      unit: 'ns/access',
      better: 'lower',
      description:
        'Part of it for translations that the TLB did not have: walks by the hardware, and what kernel and hypervisor do to put one there.',
    },
    hypervisorShare: {
      title: 'Share of the hypervisor with small pages',
      unit: '%',
      better: 'lower',
      description: 'Part of the time of an access that the processor is in the hypervisor.',
    },
    memoryOverhead: {
      title: 'Memory of page tables and hypervisor',
      unit: 'KiB',
      better: 'lower',
      description:
        'Memory that serves translation with the largest footprint mapped by small pages: page tables of the domain, and frames that the hypervisor keeps for it.',
    },
  },
  series: {
    smallPages: { title: 'Time of one access with small pages', unit: 'ns', index: 'footprint, doubled from 64 KiB' },
    largePages: { title: 'Time of one access with large pages', unit: 'ns', index: 'footprint, doubled from 64 KiB' },
  },
  run(lab, parameters) {
    const { accesses, largest } = parameters;
    const footprints: number[] = [];
    for (let size = FIRST; size < largest * 1024; size *= 2) footprints.push(size);
    footprints.push(largest * 1024);
    const reads = (domain: LabDomain, largePages: boolean): Read[] => {
      const process = domain.processes({ largePages });
      const stream = lab.random('pages read');
      return footprints.map((kibibytes) => {
        const area = process.map(pagesOf(lab, kibibytes));
        for (let page = 0; page < area.pages; page += 1) process.touch(area, page, true);
        const readAtRandom = (count: number): void => {
          for (let done = 0; done < count; done += 1) process.touch(area, stream.below(area.pages), false);
        };
        readAtRandom(accesses / 4);
        const before = domain.use();
        readAtRandom(accesses);
        const after = domain.use();
        const overheadBytes = domain.overheadBytes;
        process.unmap(area);
        return {
          ns: (after.ns - before.ns) / accesses,
          missNs: (after.translationNs - before.translationNs) / accesses,
          hypervisorNs: (after.hypervisorNs - before.hypervisorNs) / accesses,
          overheadBytes,
        };
      });
    };
    const small = placeOf(lab, parameters);
    const large = placeOf(lab, parameters, 'host for large pages');
    if (small === null || large === null) return;
    const [bySmall, byLarge] = [reads(small, false), reads(large, true)];
    const nsOf = (all: readonly Read[]): number[] => all.map(({ ns }) => ns);
    lab.record('smallPages', nsOf(bySmall));
    lab.record('largePages', nsOf(byLarge));
    const last = bySmall[bySmall.length - 1];
    lab.measure('accessTime', last.ns);
    lab.measure('largePageAccessTime', byLarge[byLarge.length - 1].ns);
    lab.measure('missTime', last.missNs);
    lab.measure('hypervisorShare', last.ns === 0 ? 0 : (last.hypervisorNs / last.ns) * 100);
    lab.measure('memoryOverhead', last.overheadBytes / 1024);
  },
} satisfies Workload;
