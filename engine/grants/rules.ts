/** What a hypervisor's grant operations do, and the limits that it sets. A property of its version and its port. */
export interface GrantRules {
  /** The highest version of the table. */
  readonly version: 1 | 2;
  /** Frames that one domain's table may have, and its table of mappings. */
  readonly tableFrames: number;
  readonly maptrackFrames: number;
  /** What is there, and is no stub. */
  readonly map: boolean;
  readonly transfer: boolean;
  readonly copy: boolean;
  /** Unmaps after which the hypervisor flushes the whole TLB, where it does so (x86: GNTTAB_UNMAP_BATCH_SIZE). */
  readonly flushEvery?: number;
}

/** Bytes of an entry of each version, and of one of the table of mappings: Xen's public headers. */
export const ENTRY_BYTES = { 1: 8, 2: 16 } as const;
export const MAPTRACK_ENTRY_BYTES = 16;
/** Bytes of a status word, which version 2 keeps in frames of its own. */
export const STATUS_BYTES = 2;

/**
 * Xen/ia64 of January 2006: grant map and transfer are stubs, and there is no copy. Limits are those that the common code had
 * then, four frames of entries; of mappings as many entries as two bytes can number.
 */
export const XEN_IA64_JANUARY_2006: GrantRules = {
  version: 1,
  tableFrames: 4,
  maptrackFrames: 64,
  map: false,
  transfer: false,
  copy: false,
};

/** Xen/ia64 from 2006-08-10: driver domains came on 2006-07-26, grant copy with this date. */
export const XEN_IA64_AUGUST_2006: GrantRules = { ...XEN_IA64_JANUARY_2006, map: true, transfer: true, copy: true };

/** Xen 4.17 with its default limits of 64 and 1024 frames (xen-command-line). */
export const XEN_4_17: GrantRules = {
  version: 2,
  tableFrames: 64,
  maptrackFrames: 1024,
  map: true,
  transfer: true,
  copy: true,
};

/** The same on x86, where a P2M guest's whole TLB is flushed once for each 32 unmaps. */
export const XEN_4_17_X86_PV: GrantRules = { ...XEN_4_17, flushEvery: 32 };
