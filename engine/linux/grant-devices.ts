import { type Finding, isFinding } from '../finding.js';
import type { GrantReferences } from '../grants/grant-references.js';
import { type MappedGrant, mapGrants, unmapGrants } from '../grants/map-grants.js';
import { makeEntry } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, asMfn } from '../host/frame-number.js';
import type { PvMemory } from '../x86/pv-memory.js';
import type { LinuxKernel } from './kernel.js';
import type { Mm } from './mm.js';
import { mapArea, unmapRange } from './mmap.js';
import type { CachedFile } from './page-cache.js';
import type { Domain } from '../domain/domain.js';

/** Places that the kernel makes together for frames of others: a section of memory (drivers/xen/unpopulated-alloc.c). */
const PLACES_AT_ONCE = 2 ** 15;

/** Pages that a program has granted by /dev/xen/gntalloc, in its address space. */
export interface GrantedArea {
  readonly references: readonly number[];
  readonly pfns: readonly Pfn[];
  readonly firstPage: number;
}

/** Pages that it has mapped by /dev/xen/gntdev. */
interface MappedArea {
  readonly firstPage: number;
  unmap(): void;
}

/** A device: a file of which nothing is cached, so that its areas are their own and a fork leaves them out. */
const device = (name: string): CachedFile => ({
  name,
  pages: 0,
  stamps: new Uint32Array(0),
  frames: new Int32Array(0),
});

const mapDevice = (kernel: LinuxKernel, mm: Mm, name: string, firstPage: number, pages: number): void =>
  mapArea(kernel, mm, { firstPage, pages, writable: true, file: { cached: device(name), firstPage: 0 } });

/**
 * gntalloc of Linux 6.1: takes zeroed pages, grants each by itself, and puts them into the program's address space one entry at a
 * time. When the grant table grows, a P2M kernel maps all its frames anew, an update each (arch/x86/xen/grant-table.c).
 */
export const allocateGrants = (
  kernel: LinuxKernel,
  mm: Mm,
  grants: GrantReferences,
  request: { readonly to: Domain; readonly pages: number; readonly firstPage: number },
): GrantedArea | Finding => {
  const { account, model } = kernel.domain;
  const { to, pages, firstPage } = request;
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
  return { references, pfns, firstPage };
};

/** Takes the area out of the program and ends its grants. A finding while one is mapped. */
export const freeGrants = (
  kernel: LinuxKernel,
  mm: Mm,
  grants: GrantReferences,
  { references, firstPage }: GrantedArea,
): Finding | null => {
  for (const reference of references) {
    const refusal = grants.endAccess(reference);
    if (refusal !== null) return refusal;
  }
  unmapRange(kernel, mm, firstPage, references.length);
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
  memory: PvMemory,
  request: { readonly granter: Domain; readonly references: readonly number[]; readonly firstPage: number },
): MappedArea | Finding => {
  const { domain } = kernel;
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
  return {
    firstPage,
    unmap() {
      for (const { table, index } of places) memory.dropGrantEntry(table, index);
      unmapGrants(domain, mapped.user);
      unmapGrants(domain, mapped.own);
      unmapRange(kernel, mm, firstPage, references.length);
    },
  };
};

const isMapped = (result: MappedGrant | Finding): result is MappedGrant => !isFinding(result);
