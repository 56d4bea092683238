import {
  type Domain,
  Event,
  type Host,
  Mechanism,
  NO_SLOT,
  assignDevice,
  createBouncePool,
  isFinding,
  mapBuffer,
  unmapBuffer,
} from '../engine/index.js';
import type { LabLayout } from './host-memory.js';
import { type MemorySurroundings, refuseOnce } from './memory-surroundings.js';

const MIB = 2 ** 20;

/** A domain's pages, by the numbers that it knows them by, and the frames behind them. */
interface Pages {
  readonly pfns: readonly number[];
  readonly mfns: readonly number[];
}

const pagesOf = ({ model }: Domain): Pages => {
  const pfns = model.ownedFrames();
  return { pfns, mfns: pfns.map((pfn) => model.machineFrame(pfn)) };
};

/** Whether the page at `index` goes on where the one before it ends, by both numbers. */
const follows = ({ pfns, mfns }: Pages, index: number): boolean =>
  index > 0 && pfns[index] === pfns[index - 1] + 1 && mfns[index] === mfns[index - 1] + 1;

const longestRun = (pages: Pages): number => {
  let [longest, run] = [0, 0];
  for (let index = 0; index < pages.pfns.length; index += 1) {
    run = follows(pages, index) ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
};

/** Pages in blocks of `size` pages that are aligned and without a gap by both numbers. */
const inLargePages = (pages: Pages, size: number): number => {
  let [found, run] = [0, 0];
  for (let index = 0; index < pages.pfns.length; index += 1) {
    const starts = pages.pfns[index] % size === 0 && pages.mfns[index] % size === 0;
    if (starts) run = 1;
    else run = run > 0 && follows(pages, index) ? run + 1 : 0;
    if (run === size) {
      found += size;
      run = 0;
    }
  }
  return found;
};

/** How memory lies. */
export const labLayout = (lab: MemorySurroundings): LabLayout => {
  const mebibytes = (pages: number): number => (pages * lab.simulation.platform.pageBytes) / MIB;
  const pagesIn = (size: number): number => (size * MIB) / lab.simulation.platform.pageBytes;

  const chunksOf = (host: Host): readonly number[] => {
    const sizes: number[] = [];
    host.heap.forEachChunk((_first, frames) => sizes.push(frames));
    return sizes;
  };

  return {
    tables(face) {
      const { hypervisor } = lab.hostOf(face);
      return mebibytes(hypervisor.pages('frame table') + hypervisor.pages('m2p'));
    },

    span(face) {
      const pfns = lab.insideOf(face).domain.model.ownedFrames();
      return pfns.length === 0 ? 0 : mebibytes(pfns[pfns.length - 1] - pfns[0] + 1);
    },

    parts(face, size) {
      const pages = pagesIn(size);
      const pfns = lab.insideOf(face).domain.model.ownedFrames();
      return new Set(pfns.map((pfn) => Math.floor(pfn / pages))).size;
    },

    longestRun: (face) => mebibytes(longestRun(pagesOf(lab.insideOf(face).domain))),

    largePageShare(face) {
      const { kernelGranuleBytes, pageBytes } = lab.simulation.platform;
      const pages = pagesOf(lab.insideOf(face).domain);
      return inLargePages(pages, kernelGranuleBytes / pageBytes) / Math.max(1, pages.pfns.length);
    },

    below(face, addressBits) {
      const { mfns } = pagesOf(lab.insideOf(face).domain);
      const end = 2 ** addressBits / lab.simulation.platform.pageBytes;
      return mfns.filter((mfn) => mfn < end).length / Math.max(1, mfns.length);
    },

    freeInChunks(face, size) {
      const chunks = chunksOf(lab.hostOf(face));
      const sum = (sizes: readonly number[]): number => sizes.reduce((total, frames) => total + frames, 0);
      return sum(chunks.filter((frames) => frames >= pagesIn(size))) / Math.max(1, sum(chunks));
    },

    readNs(face, accesses) {
      const { domain } = lab.insideOf(face);
      const pfns = domain.model.ownedFrames().filter((pfn) => !domain.balloon.has(pfn));
      const stream = lab.simulation.stream(`pages that ${domain.name} reads`);
      const read = (count: number): void => {
        for (let done = 0; done < count; done += 1) {
          domain.account.charge(Mechanism.work, Event.access);
          domain.readKernel(pfns[stream.below(pfns.length)]);
        }
      };
      for (const pfn of pfns) domain.readKernel(pfn);
      read(accesses / 4);
      const before = domain.account.cpuNs;
      read(accesses);
      return (domain.account.cpuNs - before) / accesses;
    },

    mapBuffers(face, { buffers, pages, addressBits, bouncePool }) {
      const { domain } = lab.insideOf(face);
      const { pageBytes } = lab.simulation.platform;
      const device = assignDevice(domain, { name: 'device', addressBits });
      const pool = createBouncePool(domain, { bytes: bouncePool * MIB, addressBits });
      for (const refusal of [device, pool].filter(isFinding)) refuseOnce(lab.findings, refusal);
      if (isFinding(device)) return null;
      const starts = domain.free
        .copy()
        .toSorted((one, other) => one - other)
        .filter((pfn, index, all) => all[index + pages - 1] === pfn + pages - 1);
      if (starts.length === 0) return { bounced: 0, failed: buffers, seconds: 0 };
      const stream = lab.simulation.stream(`buffers of ${domain.name}`);
      const before = domain.account.cpuNs;
      let [bounced, failed] = [0, 0];
      for (let count = 0; count < buffers; count += 1) {
        const pfn = starts[stream.below(starts.length)];
        const mapping = mapBuffer(device, { pfn, bytes: pages * pageBytes }, 'both ways');
        if (isFinding(mapping)) {
          refuseOnce(lab.findings, mapping);
          failed += 1;
          continue;
        }
        if (mapping.slot !== NO_SLOT) bounced += 1;
        unmapBuffer(mapping);
      }
      return { bounced, failed, seconds: (domain.account.cpuNs - before) / 1e9 };
    },
  };
};
