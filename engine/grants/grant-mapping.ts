import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import type { Domain } from '../domain/domain.js';
import { FOREIGN_PAGES } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { makeEntry } from '../host/entry.js';
import { Mechanism } from '../host/events.js';
import type { Mfn } from '../host/frame-number.js';
import { Region } from '../mmu/mmu.js';
import { type MapRequest, type MappedGrant, mapGrants, unmapGrants } from './map-grants.js';
import { pageDescriptorsOf } from './page-descriptors.js';

/** First page of a backend's address space at which it maps granted pages: above what a migration maps there. */
const GRANT_PAGES = FOREIGN_PAGES + 2 ** 20;

/** A granted page that is mapped: what was asked for, and what came of it. */
interface MappedPage extends MapRequest, MappedGrant {}

/**
 * Where the hypervisor flushes the TLB at an unmap, which is P2M on x86, it also stores the entry at both (Xen:
 * `create_grant_va_mapping`, `replace_grant_va_mapping`): that is in the cost of the grant, and nothing is purged by itself. Else
 * the mapper's kernel stores it.
 */
const storeEntry = (mapper: Domain, vpn: number, entry: number): void => {
  const { grants, pv, pageTable } = mapper;
  if (pv !== null && grants?.rules.flushEvery !== undefined) pageTable.write(vpn, entry);
  else mapper.setEntry(vpn, entry, Mechanism.foreignMap);
};

/** Granted pages that a domain has mapped, page by page from `firstPage` on. */
export class GrantMapping {
  readonly #mapper: Domain;
  readonly #pages: readonly MappedPage[];
  readonly #firstPage: number;

  constructor(mapper: Domain, pages: readonly MappedPage[], firstPage: number) {
    this.#mapper = mapper;
    this.#pages = pages;
    this.#firstPage = firstPage;
  }

  get length(): number {
    return this.#pages.length;
  }

  /** The number at which the mapper's memory model entered a page. */
  frame(index: number): number {
    return this.#pages[index].frame;
  }

  /** Reads a page through its mapping: the machine frame that it is. */
  read(index: number): Mfn {
    return this.#reach(index, false);
  }

  /** Writes contents through the mapping; the granter's log-dirty bit is set. */
  write(index: number, stamp: number): Mfn {
    const mfn = this.#reach(index, true);
    const { frames } = this.#mapper.host;
    frames.setContents(mfn, stamp);
    this.#pages[index].granter.dirtyLog?.mark(frames.guestFrame(mfn));
    return mfn;
  }

  unmap(): void {
    this.#pages.forEach((_, index) => storeEntry(this.#mapper, this.#firstPage + index, 0));
    unmapGrants(this.#mapper, this.#pages);
  }

  /** A mapping that somebody holds on to; on the way in `mapping` is null. */
  static checkpoint(archive: Archive, mapping: GrantMapping | null): GrantMapping {
    const mapper = checkpointDomain(archive, 'mapper', mapping === null ? null : mapping.#mapper);
    const firstPage = archive.value('firstPage', mapping === null ? 0 : mapping.#firstPage);
    const pages = archive.list('pages', mapping === null ? [] : mapping.#pages, (each, page): MappedPage => ({
      granter: checkpointDomain(each, 'granter', page?.granter ?? null),
      reference: each.value('reference', page?.reference ?? 0),
      writable: each.value('writable', page?.writable ?? false),
      handle: each.value('handle', page?.handle ?? 0),
      frame: each.value('frame', page?.frame ?? 0),
    }));
    return mapping ?? new GrantMapping(mapper, pages, firstPage);
  }

  #reach(index: number, write: boolean): Mfn {
    const mapper = this.#mapper;
    const mfn = mapper.inOwnSpace(() => mapper.mmu.access(Region.user, this.#firstPage + index, write));
    if (isFinding(mfn)) throw new Error(`${mapper.name} was refused a page that it had mapped: ${mfn.detail}`);
    return mfn;
  }
}

/**
 * Maps granted pages in one batch and puts them into the mapper's page table. All or nothing: the first refusal, and then nothing
 * stays mapped. At unmap the entries are taken out and what was inserted is purged, which is nothing for a page that the CPU never touched; or the hypervisor flushes all.
 */
export const mapGrantedPages = (
  mapper: Domain,
  requests: readonly MapRequest[],
  firstPage: number,
): GrantMapping | Finding => {
  const results = mapGrants(mapper, requests);
  const grants = results.filter((result): result is MappedGrant => !isFinding(result));
  const refusal =
    results.find((result) => isFinding(result)) ?? pageDescriptorsOf(mapper)?.cover(grants.map(({ frame }) => frame));
  if (refusal !== undefined && refusal !== null) {
    if (grants.length > 0) unmapGrants(mapper, grants);
    return refusal;
  }
  const first = GRANT_PAGES + firstPage;
  grants.forEach(({ frame }, index) => storeEntry(mapper, first + index, makeEntry(frame, requests[index].writable)));
  const pages = grants.map((grant, index) => ({ ...requests[index], ...grant }));
  return new GrantMapping(mapper, pages, first);
};
