import { type MappedGrant, unmapGrants } from '../grants/map-grants.js';
import type { Pfn } from '../host/frame-number.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, findEntry } from './mm.js';
import { PageUse } from './page-frames.js';

/** A page that a program granted, by its reference. */
export interface GrantedPageOf {
  readonly reference: number;
  readonly pfn: Pfn;
}

/** Pages that a program has granted by /dev/xen/gntalloc, in its address space. */
export interface GrantedArea {
  readonly references: readonly number[];
  readonly pfns: readonly Pfn[];
  readonly firstPage: number;
}

/** Pages that it has mapped by /dev/xen/gntdev: those in its page table, and the same in its kernel's memory. */
export interface MappedArea {
  readonly firstPage: number;
  readonly user: readonly MappedGrant[];
  readonly own: readonly MappedGrant[];
}

/** What is left of areas outside of `from` to `to` − 1, in place of those that reach into it; those are the result. */
const cutOut = <T extends { readonly firstPage: number }>(
  areas: T[],
  pagesOf: (area: T) => number,
  partOf: (area: T, start: number, end: number) => T,
  range: { readonly from: number; readonly to: number },
): T[] => {
  const { from, to } = range;
  const endOf = (area: T): number => area.firstPage + pagesOf(area);
  const reached = areas.filter((area) => area.firstPage < to && endOf(area) > from);
  return reached.map((area) => {
    const [start, end] = [Math.max(from - area.firstPage, 0), Math.min(to - area.firstPage, pagesOf(area))];
    const left = [partOf(area, 0, start), partOf(area, end, pagesOf(area))].filter((part) => pagesOf(part) > 0);
    areas.splice(areas.indexOf(area), 1, ...left);
    return partOf(area, start, end);
  });
};

/**
 * Before entries of a range are looked at, what gntdev mapped there is unmapped: the pages in the program's page table by one hypercall,
 * those in its kernel's memory by another (Linux 6.1: gntdev_invalidate).
 */
export const unmapGrantsWithin = (kernel: LinuxKernel, mm: Mm, from: number, to: number): void => {
  const { domain } = kernel;
  const cut = cutOut(
    mm.mapped,
    ({ user }) => user.length,
    ({ firstPage, user, own }, start, end) => ({
      firstPage: firstPage + start,
      user: user.slice(start, end),
      own: own.slice(start, end),
    }),
    { from, to },
  );
  for (const { firstPage, user, own } of cut) {
    for (let page = 0; page < user.length; page += 1) {
      const { table, index } = findEntry(kernel, mm, firstPage + page)!;
      domain.pv!.dropGrantEntry(table, index);
    }
    unmapGrants(domain, user);
    unmapGrants(domain, own);
  }
};

/**
 * Pages of gntalloc that leave the address space stay granted and the program's, as long as it has the device open. The result
 * is called once their entries are gone.
 */
export const keepGrantsWithin = (kernel: LinuxKernel, mm: Mm, from: number, to: number): (() => void) => {
  const cut = cutOut(
    mm.granted,
    ({ pfns }) => pfns.length,
    ({ firstPage, pfns, references }, start, end) => ({
      firstPage: firstPage + start,
      pfns: pfns.slice(start, end),
      references: references.slice(start, end),
    }),
    { from, to },
  );
  const pages = cut.flatMap(({ references, pfns }) =>
    references.map((reference, at) => ({ reference, pfn: pfns[at] })),
  );
  for (const { pfn } of pages) kernel.pages.addMapping(pfn, 1);
  return () => {
    for (const { pfn } of pages) kernel.pages.setUse(pfn, PageUse.none);
    mm.keptGrants.push(...pages);
  };
};
