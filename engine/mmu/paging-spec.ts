import { asMfn } from '../host/frame-number.js';
import { type RadixFormat, pagesAt } from '../paging/format.js';
import type { PagingSpec } from '../paging/paging-unit.js';
import { RadixTlb } from '../paging/radix-tlb.js';
import { WalkCache } from '../paging/walk-cache.js';
import type { Host } from '../host/host.js';
import type { RadixCaches } from '../platform.js';
import { regionOfTag } from './radix-spaces.js';
import type { CachedTranslation } from './mmu.js';

export interface CachedPagingSpec extends PagingSpec {
  readonly tlb: RadixTlb;
  readonly walkCache: WalkCache;
}

/** One dimension of an MMU over the frames of a host that hold tables. */
export const pagingSpec = (
  { tables, simulation: { arena } }: Host,
  format: RadixFormat,
  caches: RadixCaches,
  setsFlags: boolean,
): CachedPagingSpec => ({
  format,
  machine: { entriesAt: (frame) => tables.get(frame) },
  tlb: new RadixTlb(arena, format, caches.tlb),
  walkCache: new WalkCache(arena, format, caches.walkCache),
  setsFlags,
});

/** Every page that the TLB translates now. */
export const visitTlb = (tlb: RadixTlb, visit: (translation: CachedTranslation) => void): void => {
  for (let slot = 0; slot < tlb.slots; slot += 1) {
    if (tlb.tag[slot] < 0) continue;
    const pages = pagesAt(tlb.format, tlb.level[slot]);
    for (let page = 0; page < pages; page += 1) {
      visit({
        where: 'TLB',
        ...regionOfTag(tlb.tag[slot]),
        vpn: tlb.prefix[slot] * pages + page,
        mfn: asMfn(tlb.frame[slot] + page),
        writable: tlb.writable[slot] === 1 && tlb.dirty[slot] === 1,
      });
    }
  }
};
