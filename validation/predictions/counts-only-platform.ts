import { EVENT_NAMES, type EventCosts, type EventName, type Platform } from '../../engine/index.js';

export const PAGE_BYTES = 4096;
export const PAGES_A_MEBIBYTE = 256;

/** Events that take no time, but for those named. */
export const zeroCosts = (own: Partial<Record<EventName, number>> = {}): EventCosts => ({
  ...(Object.fromEntries(EVENT_NAMES.map((name) => [name, 0])) as Record<EventName, number>),
  ...own,
});

/** A platform of 4 KiB pages for scenes that count: nothing takes time, and what is not named plays no part. */
export const countsOnlyPlatform = (own: Partial<Platform> & Pick<Platform, 'id' | 'banks'>): Platform => ({
  pageBytes: PAGE_BYTES,
  hypervisorBytes: 0,
  controlDomainBytes: 0,
  kernelGranuleBytes: 2 * 2 ** 20,
  tlbEntries: 64,
  vhptEntries: 64,
  insertClip: 'run',
  link: { bitsPerSecond: 1e9, latencyNs: 0 },
  socketBufferPages: 1,
  segmentBytes: 1448,
  costs: zeroCosts(),
  ...own,
});
