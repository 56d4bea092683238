import {
  type Domain,
  FrameState,
  PagingDisk,
  type Pfn,
  SCRUBBED,
  asMfn,
  isFinding,
  pageOut,
  sharePages,
} from '../engine/index.js';
import type { LabOvercommit } from './host-memory.js';
import { type MemorySurroundings, refuseOnce } from './memory-surroundings.js';
import type { LabDomain } from './workload.js';

/** Sharing, paging out and populating on demand. */
export const labOvercommit = (lab: MemorySurroundings): LabOvercommit => {
  let hypothetical = false;
  /** What a number of contents stands for: the stamp of the write that made it first. */
  const stamps = new Map<number, number>([[0, SCRUBBED]]);
  const stampOf = (contents: number): number => {
    const stamp = stamps.get(contents) ?? lab.simulation.nextStamp();
    stamps.set(contents, stamp);
    return stamp;
  };
  const domainOf = (face: LabDomain): Domain => lab.insideOf(face).domain;

  const pagesOut = (domain: Domain, pfns: readonly Pfn[]): number => {
    const pager = lab.controlOf(domain.host).account;
    const before = domain.host.heap.freeFrames;
    const refusal = pageOut({ domain, pfns, pager, hypothetical });
    if (refusal !== null) refuseOnce(lab.findings, refusal);
    return domain.host.heap.freeFrames - before;
  };

  return {
    addDisk(face, size) {
      const host = lab.hostOf(face);
      const { arena, platform } = lab.simulation;
      host.pagingDisk = new PagingDisk(arena, Math.floor((size * 2 ** 20) / platform.pageBytes));
    },

    fill(face, page, contents) {
      const inside = lab.insideOf(face);
      inside.domain.fillKernel(inside.pages[page], stampOf(contents));
    },

    share(copies) {
      const [first, ...others] = copies.map(({ domain: face, page }) => {
        const { domain, pages } = lab.insideOf(face);
        return { domain, pfn: pages[page] };
      });
      let freed = 0;
      for (const second of others) {
        const payer = lab.controlOf(second.domain.host).account;
        const refusal = sharePages({ first, second, payer, hypothetical });
        if (refusal === null) freed += 1;
        else refuseOnce(lab.findings, refusal);
      }
      return freed;
    },

    pageOutProgram(face, first, pages) {
      const domain = domainOf(face);
      return pagesOut(
        domain,
        Array.from({ length: pages }, (_, page) => domain.log.mapped(first + page)),
      );
    },

    pageOutKernel(face, pages) {
      const inside = lab.insideOf(face);
      return pagesOut(
        inside.domain,
        pages.map((page) => inside.pages[page]),
      );
    },

    balloonOutKernel(face, pages) {
      const { domain, pages: known } = lab.insideOf(face);
      const wanted = new Set(pages.map((page) => known[page]));
      const unused = domain.free.takeAll((pfn) => wanted.has(pfn));
      for (const [gone, pfn] of unused.entries()) {
        const out = domain.balloon.release(pfn);
        if (!isFinding(out)) continue;
        refuseOnce(lab.findings, out);
        for (const stays of unused.slice(gone + 1)) domain.free.giveBack(stays);
        return gone;
      }
      return unused.length;
    },

    buildOnDemand: (host, domain) => lab.buildOnDemand(host, domain, hypothetical),

    outside: (face) => domainOf(face).model.overcommit?.outside ?? 0,

    takenByOthers(face) {
      const {
        host: { frames },
        id,
        balloon,
        model,
      } = domainOf(face);
      if (model.repoint !== undefined) return 0;
      return balloon.frames.map(asMfn).filter((mfn) => {
        const state = frames.state(mfn);
        return state === FrameState.reserved || (state === FrameState.owned && frames.owner(mfn) !== id);
      }).length;
    },

    stopped: (face) => {
      const program = lab.insideOf(face).program;
      return program !== null && program.refusal !== null;
    },

    allowHypothetical() {
      hypothetical = true;
    },
  };
};
