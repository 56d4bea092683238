import type { GrantRules } from './grants/rules.js';
import type { EventCosts } from './host/ledger.js';
import type { RadixFormat } from './paging/format.js';
import type { MemoryTiming } from './numa/memory-timing.js';
import type { NumaTopology } from './numa/topology.js';
import type { TlbArray } from './paging/radix-tlb.js';

export interface BankLayout {
  /** Bytes. Both are multiples of the page size. */
  readonly start: number;
  readonly size: number;
  /** The NUMA node that it belongs to, 0 where none is named. */
  readonly node?: number;
}

/** Nodes of memory: how they are joined, and how fast they are. */
export interface NumaPlatform {
  readonly topology: NumaTopology;
  /** Distances by hops, where the same parts make a host of another size. */
  readonly distancesByHops: readonly number[];
  readonly timing: MemoryTiming;
}

/** A table of the hypervisor with an entry for each frame, made from the host's memory when it boots. */
export interface PerFrameTable {
  readonly bytesAFrame: number;
  /** `chunks`: only chunks that describe an installed frame. `span`: from the first installed frame to the last. */
  readonly covers: 'chunks' | 'span';
  /** Bytes that it is made in. */
  readonly chunkBytes: number;
  /** A span of at least this many bytes is made in chunks of this size. */
  readonly largeChunkBytes?: number;
}

/** The array that a P2M guest keeps of its memory's machine frames, in memory of its own. */
export interface GuestP2mRule {
  readonly entryBytes: number;
}

/** The p2m that the hypervisor keeps for a domain under VP by insert: an array in pages, or a tree. */
export interface HypervisorP2mRule {
  readonly entryBytes: number;
  /** 1 for an array; each further level has an entry for each page of the one below, and one page at the top. */
  readonly levels: number;
}

/** Frames that the hypervisor keeps for the tables of a VP domain. */
export interface PagingPoolRule {
  readonly pagesAVcpu: number;
  readonly pagesAMebibyte: Readonly<Record<Paging, number>>;
  /** Pages more for each domain, whatever its size. */
  readonly pagesADomain: number;
  /** The pool is rounded up to a multiple of this many pages. */
  readonly multipleOf: number;
  /** The root of the second stage is a frame of the heap beside the pool, as on Arm (p2m_alloc_table in xen/arch/arm/p2m.c). */
  readonly rootFromHeap?: true;
}

/** How the hypervisor's own tables translate for a VP domain. */
export type Paging = 'nested' | 'shadow';

/** ia64's: a TLB that software fills, with a hashed table of the hypervisor's (VHPT) that the hardware walks first. */
export interface VhptScheme {
  readonly kind: 'vhpt';
  readonly tlbEntries: number;
  readonly vhptEntries: number;
  /** Whether VP clips every insert to one page, or to the longest run of the p2m that is contiguous and aligned. */
  readonly insertClip: 'page' | 'run';
}

/** What one dimension of a radix MMU keeps. */
export interface RadixCaches {
  /** An array a page size, single pages first. */
  readonly tlb: readonly TlbArray[];
  /** Entries of the walk cache by level, those that point to tables of single pages first. */
  readonly walkCache: readonly number[];
}

/** x86-64's and arm64's: the hardware walks radix tables, the guest's and, where there is a second stage, both. */
export interface RadixScheme {
  readonly kind: 'radix';
  readonly format: RadixFormat;
  readonly caches: RadixCaches;
  /** Guest frame → machine frame. */
  readonly nestedCaches: RadixCaches;
  /** Whether the hardware sets accessed and dirty flags in the guest's tables, and in those of the second stage. */
  readonly setsFlags: boolean;
  readonly nestedSetsFlags: boolean;
  /** Whether a flush reaches all processors by itself, without an interrupt to each. */
  readonly broadcastsFlushes: boolean;
  /** P==M is behind a second stage too, which maps each of a domain's frames at its own number and isolates it: Xen on Arm. */
  readonly identityStage?: true;
}

/** ppc64's: a hashed table a domain, written by hypercalls only. Large pages are as large as the kernel's granule. */
export interface HashScheme {
  readonly kind: 'hash';
  readonly tlbEntries: number;
  /** Bytes of a domain's memory for a byte of its table, which is rounded up to a power of two. */
  readonly memoryToTable: number;
}

/** How translations get into the MMU. */
export type TranslationScheme = VhptScheme | RadixScheme | HashScheme;

/** How a bounce pool is divided: slots of so many bytes, of which a page holds a whole number, and segments of so many slots. */
export interface BounceSlots {
  readonly bytes: number;
  readonly aSegment: number;
}

/** A platform with every symbol resolved: plain numbers in one unit each. Frozen before a run. */
export interface Platform {
  readonly id: string;
  readonly pageBytes: number;
  readonly banks: readonly BankLayout[];
  readonly numa?: NumaPlatform;
  /** Memory that the hypervisor keeps for itself, at the lowest frames, in bytes. */
  readonly hypervisorBytes: number;
  /** Tables that boot takes from the memory that is left. */
  readonly frameTable?: PerFrameTable;
  readonly machineToPhysical?: PerFrameTable;
  readonly pagingPool?: PagingPoolRule;
  /** What the array of a P2M guest takes of its memory; nothing where it is not said. */
  readonly guestP2m?: GuestP2mRule;
  /** What the hypervisor's p2m takes under VP by insert; nothing where it is not said. */
  readonly hypervisorP2m?: HypervisorP2mRule;
  /**
   * *healed*: of the tables of an IOMMU that the hypervisor keeps, one that is empty is given back, and one whose entries follow each other
   * becomes a large entry. Absent: a table stays once it was needed.
   */
  readonly iommuTables?: 'healed';
  /** False where the hypervisor neither saves nor migrates domains, nor logs what they write. */
  readonly migration?: boolean;
  /** False where the hypervisor is built without shadow paging, by which alone it can log the writes of a P2M guest. */
  readonly shadowPaging?: boolean;
  /**
   * How the kernel of a P2M tool maps frames of others: entries that one hypercall updates, and pages after which it has all TLBs
   * flushed by another. Absent: a page of updates a hypercall, and no flush.
   */
  readonly foreignMaps?: { readonly updatesAHypercall: number; readonly pagesAFlush: number };
  /** Slots of its kernels' bounce pools, where they are not Linux's. */
  readonly bounceSlots?: BounceSlots;
  /** What the hypervisor's grant operations do; without it there are none. */
  readonly grants?: GrantRules;
  readonly controlDomainBytes: number;
  /** The kernel maps its memory in pages of at most this many bytes, where its memory model allows them. */
  readonly kernelGranuleBytes: number;
  readonly scheme: TranslationScheme;
  readonly link: { readonly bitsPerSecond: number; readonly latencyNs: number };
  readonly socketBufferPages: number;
  readonly segmentBytes: number;
  /** Cycles of a processor in a second, by which times are told in cycles; 10^9 where it is not given. */
  readonly clockHz?: number;
  readonly costs: EventCosts;
}
