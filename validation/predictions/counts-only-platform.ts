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

/** A platform of 4 KiB pages for scenes that count: nothing takes time, and what is not named plays no part. */
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
