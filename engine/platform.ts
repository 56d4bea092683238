import type { EventCosts } from './host/ledger.js';

export interface BankLayout {
  /** Bytes. Both are multiples of the page size. */
  readonly start: number;
  readonly size: number;
}

/** A platform with every symbol resolved: plain numbers in one unit each. Frozen before a run. */
export interface Platform {
  readonly id: string;
  readonly pageBytes: number;
  readonly banks: readonly BankLayout[];
  /** Memory that the hypervisor keeps for itself, at the lowest frames, in bytes. */
  readonly hypervisorBytes: number;
  readonly controlDomainBytes: number;
  /** The kernel's identity mapping is inserted in granules of this many bytes. */
  readonly kernelGranuleBytes: number;
  readonly tlbEntries: number;
  readonly vhptEntries: number;
  /** Whether VP clips every insert to one page, or to the longest run of the p2m that is contiguous and aligned. */
  readonly insertClip: 'page' | 'run';
  readonly link: { readonly bitsPerSecond: number; readonly latencyNs: number };
  readonly socketBufferPages: number;
  readonly segmentBytes: number;
  readonly costs: EventCosts;
}
