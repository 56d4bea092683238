import { type Finding, isFinding } from '../finding.js';
import type { GrantReferences } from '../grants/grant-references.js';
import { type MappedGrant, mapGrants, unmapGrants } from '../grants/map-grants.js';
import { makeEntry } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, asMfn, hex } from '../host/frame-number.js';
import type { LinuxKernel } from './kernel.js';
import type { GrantedArea, MappedArea } from './grant-areas.js';
import type { Mm } from './mm.js';
import { mapArea, unmapRange } from './mmap.js';
import type { CachedFile } from './page-cache.js';
import type { Domain } from '../domain/domain.js';

/** Places that the kernel makes together for frames of others: a section of memory (drivers/xen/unpopulated-alloc.c). */
const PLACES_AT_ONCE = 2 ** 15;

/** A device: a file of which nothing is cached, so that its areas are their own. */
export const deviceFile = (name: string): CachedFile => ({
  name,
  pages: 0,
  stamps: new Uint32Array(0),
  frames: new Int32Array(0),
});

/** A fork leaves the area out, as Linux does with gntdev's; of gntalloc's it would share the pages with the child. */
const mapDevice = (kernel: LinuxKernel, mm: Mm, name: string, firstPage: number, pages: number): void =>
  mapArea(kernel, mm, {
    firstPage,
    pages,
    writable: true,
    stays: true,
    file: { cached: deviceFile(name), firstPage: 0 },
  });

/**
 * gntalloc of Linux 6.1: takes zeroed pages, grants each by itself, and puts them into the program's address space one entry at a
 * time. When the grant table grows, a P2M kernel maps all its frames anew, an update each (arch/x86/xen/grant-table.c).
 */
export const allocateGrants = (
  kernel: LinuxKernel,
  mm: Mm,
  request: { readonly to: Domain; readonly pages: number; readonly firstPage: number },
): GrantedArea | Finding => {
  const { account, model } = kernel.domain;
  const { to, pages, firstPage } = request;
  const grants = grantsOf(kernel);
  endDeferred(kernel);
  const pfns: Pfn[] = [];
  const references: number[] = [];
  for (let count = 0; count < pages; count += 1) {
    const pfn = kernel.newPage(null);
    const framesBefore = grants.table.frames;
    const reference = grants.grantAccess(to, pfn, 'write');
    if (grants.table.frames > framesBefore && model.tablesHoldMachineFrames) {
      account.charge(Mechanism.pageTables, Event.pageUpdate, grants.table.frames);
    }
    pfns.push(pfn);
    if (isFinding(reference)) {
      for (const given of references) grants.endAccess(given);
      for (const page of pfns) kernel.freeFrame(page);
      return reference;
    }
    references.push(reference);
  }
  mapDevice(kernel, mm, 'gntalloc', firstPage, pages);
  pfns.forEach((pfn, index) => {
    kernel.pages.addMapping(pfn, 1);
    kernel.ops.setLeaf(kernel.placeFor(mm, firstPage + index), kernel.entryFor(pfn, true));
  });
  const area = { references, pfns, firstPage };
  mm.granted.push(area);
  return area;
};

/** Takes the area that begins at this page out of the program and ends its grants. A finding while one is mapped. */
export const freeGrants = (kernel: LinuxKernel, mm: Mm, firstPage: number): Finding | null => {
  const { references, pfns } = areaOf(mm.granted, firstPage);
  const grants = grantsOf(kernel);
  for (const reference of references) {
    const refusal = grants.refusesEnd(reference);
    if (refusal !== null) return refusal;
  }
  unmapRange(kernel, mm, firstPage, references.length);
  const others = mm.keptGrants.filter(({ pfn }) => !pfns.includes(pfn));
  mm.keptGrants.splice(0, Infinity, ...others);
  for (const reference of references) grants.endAccess(reference);
  for (const pfn of pfns) kernel.freeFrame(pfn);
  return null;
};

/**
 * gntdev of Linux 6.1 in a P2M guest on x86: one hypercall puts all pages into the program's page table, whose entries the hypervisor
 * writes, and a second one into the kernel's own memory, at places that have nothing behind them. At unmap both are undone, each by one
 * hypercall, before the kernel looks at the entries.
 */
export const mapGrantDevice = (
  kernel: LinuxKernel,
  mm: Mm,
  request: { readonly granter: Domain; readonly references: readonly number[]; readonly firstPage: number },
): MappedArea | Finding => {
  const { domain } = kernel;
  const memory = domain.pv!;
  const { granter, references, firstPage } = request;
  const missing = references.length - domain.model.emptyPlaces().length;
  if (missing > 0) domain.model.addEmptyPlaces!(Math.ceil(missing / PLACES_AT_ONCE) * PLACES_AT_ONCE);
  mapDevice(kernel, mm, 'gntdev', firstPage, references.length);
  const places = references.map((_, index) => kernel.placeFor(mm, firstPage + index));
  const requests = references.map((reference) => ({ granter, reference, writable: true }));
  const user = mapGrants(domain, requests, 'entry');
  const own = mapGrants(domain, requests);
  const mapped = { user: user.filter(isMapped), own: own.filter(isMapped) };
  const refusal = [...user, ...own].find((result) => isFinding(result));
  if (refusal !== undefined) {
    unmapGrants(domain, mapped.user);
    unmapGrants(domain, mapped.own);
    unmapRange(kernel, mm, firstPage, references.length);
    return refusal;
  }
  mapped.user.forEach(({ frame }, index) => {
    const { table, index: at } = places[index];
    const taken = memory.putGrantEntry(table, at, makeEntry(asMfn(frame), true));
    if (taken !== null) throw new Error(`${domain.name} maps a grant where it cannot: ${taken}`);
  });
  const area = { firstPage, ...mapped };
  mm.mapped.push(area);
  return area;
};

/** Takes the area that gntdev mapped from this page on out of the program and out of its kernel's memory. */
export const unmapGrantDevice = (kernel: LinuxKernel, mm: Mm, firstPage: number): void =>
  unmapRange(kernel, mm, firstPage, areaOf(mm.mapped, firstPage).user.length);

/**
 * A program that exits leaves its areas: what gntdev mapped is unmapped before its entries are looked at, and grants of gntalloc end. A page
 * that its other domain still maps stays the kernel's until it does so no more. Linux looks once a second (gnttab_handle_deferred); here it
 * looks when a grant is made or a program leaves.
 */
export const leaveGrantDevices = (kernel: LinuxKernel, mm: Mm): void => {
  for (const { firstPage } of mm.mapped.toReversed()) unmapGrantDevice(kernel, mm, firstPage);
  for (const { firstPage, pfns } of mm.granted.toReversed()) unmapRange(kernel, mm, firstPage, pfns.length);
  kernel.deferredGrants.push(...mm.keptGrants.splice(0));
  if (kernel.grants !== null) endDeferred(kernel);
};

/** Ends grants of programs that are gone, where nobody maps them any more; their pages are free then. */
const endDeferred = (kernel: LinuxKernel): void => {
  for (const deferred of kernel.deferredGrants.splice(0)) {
    if (grantsOf(kernel).endAccess(deferred.reference) === null) kernel.freeFrame(deferred.pfn);
    else kernel.deferredGrants.push(deferred);
  }
};

const grantsOf = ({ grants, domain }: LinuxKernel): GrantReferences => {
  if (grants === null) throw new Error(`the kernel of ${domain.name} has set up no grant table`);
  return grants;
};

const areaOf = <T extends { readonly firstPage: number }>(areas: readonly T[], firstPage: number): T => {
  const area = areas.find((each) => each.firstPage === firstPage);
  if (area === undefined) throw new Error(`no area of grants begins at page ${hex(firstPage)}`);
  return area;
};

const isMapped = (result: MappedGrant | Finding): result is MappedGrant => !isFinding(result);
