import type { Checkpointed } from '../checkpoint/archive.js';
import type { Finding } from '../finding.js';
import type { StaleEntry } from '../paging/audit-paging.js';
import type { Mfn, Pfn } from '../host/frame-number.js';

/** Address regions, by their ia64 numbers: the program's, mapped by its page table, and the kernel's own mapping of memory. */
export const Region = { user: 1, kernel: 7 } as const;
export type Region = (typeof Region)[keyof typeof Region];

/** A translation that hardware holds now, of one page. */
export interface CachedTranslation {
  /** The cache that holds it, in words: TLB, VHPT. */
  readonly where: string;
  readonly region: number;
  /** Tag of the address space that it is of; 0 for the domain's own page table. */
  readonly space: number;
  readonly vpn: number;
  readonly mfn: Mfn;
  readonly writable: boolean;
}

/**
 * The MMU as a domain sees it, with all that the platform's scheme of translation and the domain's memory model put
 * behind it. Each operation charges its events to the domain's account.
 */
export interface Mmu extends Checkpointed {
  /** Whether the hypervisor can make the first write to a page fault, for log-dirty. */
  readonly seesFirstWrites: boolean;
  /** Takes what the hypervisor keeps for the translations of a domain of this many pages, where it keeps something. */
  reserve?(memoryPages: number): Finding | null;
  /** Translates one access, with the faults that it takes. A finding when the entry is absent or refused. */
  access(region: Region, vpn: number, write: boolean): Mfn | Finding;
  /** The machine frame where the TLB serves the access as it stands, else `NO_FRAME`. Charges nothing. */
  hit(region: Region, vpn: number, write: boolean): Mfn;
  /** Drops the page's translation; charged where one was held. */
  purge(region: Region, vpn: number, mechanism: number): void;
  /** Drops the page's translation where it allows writes, on MMUs whose kernels do not flush whole address spaces. */
  purgeWritable?(region: Region, vpn: number, mechanism: number): void;
  /** Drops everything, as the hypervisor does when log-dirty begins, at each harvest and when it ends. */
  flush(mechanism: number): void;
  /** Drops all that the second stage's entry of a guest frame had a part in. */
  flushGuestFrame?(pfn: Pfn, mechanism: number): void;
  /** Drops what may stand on rights that twins of the guest's tables gave until now. */
  twinsChanged?(): void;
  /** Stores an entry of a table at a guest frame through the kernel's mapping of it, where that can take more than an access. */
  storeEntry?(pfn: Pfn, index: number, entry: number): void;
  /** Every page that a cache translates now; an entry of 2^k pages counts as 2^k. For the audit. */
  forEachTranslation(visit: (translation: CachedTranslation) => void): void;
  /** Gives back its memory when the domain is gone. */
  dispose(): void;
  /** Cached entries of every kind that the tables would not give now, where an MMU can tell. For the audit. */
  staleEntries?(): readonly StaleEntry[];
}
