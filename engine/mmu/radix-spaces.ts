import type { Domain } from '../domain/domain.js';
import { NO_FRAME } from '../host/frame-number.js';
import { combinedTag, spaceOfTag } from '../paging/nested-paging.js';
import type { StaleEntry } from '../paging/audit-paging.js';
import type { AddressSpace } from '../paging/walk.js';
import { Region } from './mmu.js';

/**
 * A guest's address spaces as an MMU of radix tables has them. The kernel's mapping of memory has a root of its own, as on arm64; x86
 * copies its top entries into every root instead, so that a walk reads as many entries. The program's is the domain's page table, or
 * the one that its kernel has loaded. Numbers below this are regions, those above tags of what kernels load.
 */
const FIRST_LOADED = 8;

const numberOf = (region: Region, tag: number): number =>
  region === Region.user && tag > 0 ? FIRST_LOADED + tag : region;

/** The tag of what serves a region now. */
export const tagOf = ({ id, spaces }: Domain, region: Region): number =>
  combinedTag(id, numberOf(region, spaces.loaded));

/** What serves a region now; its root is `NO_FRAME` where the guest has none yet. */
export const spaceFor = (domain: Domain, region: Region): AddressSpace => {
  const { kernelMapping, pageTable, spaces } = domain;
  const ofProgram = spaces.loaded === 0 ? pageTable.rootFrame : spaces.get(spaces.loaded)?.rootFrame;
  const rootFrame = region === Region.kernel ? kernelMapping?.table.rootFrame : ofProgram;
  return { tag: tagOf(domain, region), rootFrame: rootFrame ?? NO_FRAME };
};

/** All spaces whose tags are in use. */
export const spacesOf = ({ id, kernelMapping, pageTable, spaces }: Domain): readonly AddressSpace[] => {
  const all = [
    { tag: combinedTag(id, Region.kernel), rootFrame: kernelMapping?.table.rootFrame ?? NO_FRAME },
    { tag: combinedTag(id, Region.user), rootFrame: pageTable.rootFrame },
  ];
  spaces.forEach((tag, { rootFrame }) => {
    all.push({ tag: combinedTag(id, numberOf(Region.user, tag)), rootFrame: rootFrame ?? NO_FRAME });
  });
  return all.filter(({ rootFrame }) => rootFrame !== NO_FRAME);
};

/** The region and the kernel's tag that a tag of the MMU stands for. */
export const regionOfTag = (tag: number): { readonly region: number; readonly space: number } => {
  const number = spaceOfTag(tag);
  return number < FIRST_LOADED ? { region: number, space: 0 } : { region: Region.user, space: number - FIRST_LOADED };
};

/** Cached entries that are stale, but for those under a tag that no program has any more: they can't be reached. */
export const reachable = ({ spaces }: Domain, stale: readonly StaleEntry[]): readonly StaleEntry[] =>
  stale.filter(({ tag, cache }) => {
    const { space } = regionOfTag(tag);
    return cache.startsWith('nested') || space === 0 || spaces.get(space) !== undefined;
  });
