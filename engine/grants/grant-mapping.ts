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

/** Granted pages that a domain has mapped, page by page from `firstPage` on. */
export interface GrantMapping {
  readonly length: number;
  /** The number at which the mapper's memory model entered a page. */
  frame(index: number): number;
  /** Reads a page through its mapping: the machine frame that it is. */
  read(index: number): Mfn;
  /** Writes contents through the mapping; the granter's log-dirty bit is set. */
  write(index: number, stamp: number): Mfn;
  unmap(): void;
}

/**
 * Maps granted pages in one batch and puts them into the mapper's page table. All or nothing: the first refusal, and then nothing
 * stays mapped. At unmap the entries are taken out and what was inserted is purged, which is nothing for a page that the CPU never touched.
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
  grants.forEach(({ frame }, index) =>
    mapper.setEntry(first + index, makeEntry(frame, requests[index].writable), Mechanism.foreignMap),
  );

  const reach = (index: number, write: boolean): Mfn => {
    const mfn = mapper.mmu.access(Region.user, first + index, write);
    if (isFinding(mfn)) throw new Error(`${mapper.name} was refused a page that it had mapped: ${mfn.detail}`);
    return mfn;
  };

  return {
    length: grants.length,
    frame: (index) => grants[index].frame,
    read: (index) => reach(index, false),
    write: (index, stamp) => {
      const mfn = reach(index, true);
      const { frames } = mapper.host;
      frames.setContents(mfn, stamp);
      requests[index].granter.dirtyLog?.mark(frames.guestFrame(mfn));
      return mfn;
    },
    unmap: () => {
      grants.forEach((_, index) => mapper.setEntry(first + index, 0, Mechanism.foreignMap));
      unmapGrants(mapper, grants);
    },
  };
};
