import type { RadixFormat } from '../../engine/paging/format.js';
import type { RadixCaches, RadixScheme } from '../../engine/platform.js';
import {
  EVENT_NAMES,
  type EventCosts,
  type EventName,
  type PagingPoolRule,
  type Platform,
  type VhptScheme,
} from '../../engine/index.js';

export const PAGE_BYTES = 4096;
export const PAGES_A_MEBIBYTE = 256;

/** Events that take no time, but for those named. */
export const zeroCosts = (own: Partial<Record<EventName, number>> = {}): EventCosts => ({
  ...(Object.fromEntries(EVENT_NAMES.map((name) => [name, 0])) as Record<EventName, number>),
  ...own,
});

/** ia64's scheme with a VHPT of this many entries, which no count depends on where it is as large as the guest. */
export const vhptScheme = (vhptEntries: number): VhptScheme => ({
  kind: 'vhpt',
  tlbEntries: 64,
  vhptEntries,
  insertClip: 'run',
});

/** Xen's pool of a VP domain on x86-64 (META-05). */
export const XEN_PAGING_POOL: PagingPoolRule = {
  pagesAVcpu: 256,
  pagesAMebibyte: { nested: 1, shadow: 2 },
  pagesADomain: 0,
  multipleOf: 1,
};

const CACHES: RadixCaches = {
  tlb: [
    { sets: 16, ways: 4 },
    { sets: 8, ways: 4 },
    { sets: 1, ways: 4 },
  ],
  walkCache: [24, 4, 2],
};

/** A radix scheme with caches of plausible sizes, which no count of the scenes depends on. */
export const radixScheme = (format: RadixFormat): RadixScheme => ({
  kind: 'radix',
  format,
  caches: CACHES,
  nestedCaches: CACHES,
  setsFlags: true,
  nestedSetsFlags: false,
  broadcastsFlushes: false,
});

export const countsOnlyPlatform = (own: Partial<Platform> & Pick<Platform, 'id' | 'banks'>): Platform => ({
  pageBytes: PAGE_BYTES,
  hypervisorBytes: 0,
  controlDomainBytes: 0,
  kernelGranuleBytes: 2 * 2 ** 20,
  scheme: vhptScheme(64),
  link: { bitsPerSecond: 1e9, latencyNs: 0 },
  socketBufferPages: 1,
  segmentBytes: 1448,
  costs: zeroCosts(),
  ...own,
});
