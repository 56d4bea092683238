import type { TranslationScheme } from '../platform.js';

type Scheme = TranslationScheme['kind'];

interface EventKind {
  readonly title: string;
  /** Where it can occur: there, and nowhere else, a platform file gives it a cost. */
  readonly schemes: readonly Scheme[];
}

const ALL: readonly Scheme[] = ['vhpt', 'radix', 'hash'];

/**
 * Every event that the ledger can count. To add one, add its line here and its cost to each file of `platforms/` whose
 * scheme it can occur in: `physmap check` and the tests name the files that lack it.
 */
const EVENTS = {
  access: { title: 'Memory access, served by the TLB', schemes: ALL },
  tlbMissVhptHit: { title: 'TLB miss, served by the VHPT walker', schemes: ['vhpt'] },
  translationFault: { title: 'Translation fault into the hypervisor', schemes: ['vhpt'] },
  guestTableRead: { title: 'Hypervisor reads an entry of the guest page table', schemes: ['vhpt'] },
  faultReflection: { title: 'Fault reflected into the guest kernel', schemes: ['vhpt'] },
  privilegedInsert: { title: 'Privileged TLB insert by the guest, trapped', schemes: ['vhpt'] },
  ownerCheck: { title: 'Owner check of one frame of an insert', schemes: ['vhpt'] },
  p2mLookup: { title: 'Hypervisor looks up its p2m table', schemes: ALL },
  guestP2mLookup: { title: 'Guest looks up a p2m array that it can read', schemes: ALL },
  guestP2mStore: { title: 'Guest stores into its p2m array', schemes: ['vhpt', 'radix'] },
  vhptInsert: { title: 'Entry put into the VHPT and the TLB', schemes: ['vhpt'] },
  purge: { title: 'Purge of one page from the VHPT and the TLB', schemes: ['vhpt'] },
  flushAll: { title: 'Flush of a whole VHPT and TLB', schemes: ['vhpt', 'hash'] },
  regionRegisterSet: { title: 'Region register set by the guest, trapped', schemes: ['vhpt'] },
  hypercall: { title: 'Hypercall, entry and return', schemes: ALL },
  foreignEnter: { title: 'Foreign frame checked, referenced and entered', schemes: ALL },
  foreignRemove: { title: 'Foreign frame taken out, reference dropped', schemes: ALL },
  pteStore: { title: 'Plain store of a page-table entry', schemes: ALL },
  loggingFault: { title: 'First write to a page under log-dirty', schemes: ALL },
  bitmapChunk: { title: 'Copy of 1024 bits of the dirty bitmap', schemes: ALL },
  tableEntryTranslate: { title: 'Page-table entry translated by the migration tool', schemes: ['vhpt', 'radix'] },
  pagePin: { title: 'Page-table page pinned or unpinned', schemes: ['vhpt', 'radix'] },
  pageCopy: { title: 'Copy of one page', schemes: ALL },
  pageScrub: { title: 'Scrub of one page', schemes: ALL },
  pageAllocate: { title: 'Frame taken from or given to the heap', schemes: ALL },
  segmentSend: { title: 'Network segment passed through stack and driver', schemes: ALL },
  dmaMap: { title: 'DMA mapping made by the driver, without its translation', schemes: ALL },
  suspend: { title: 'Suspend of the guest, from request to stopped', schemes: ALL },
  resume: { title: 'Resume of the guest, from last page to running', schemes: ALL },
  sharedWriteFault: { title: 'First write to a shared page, into the hypervisor', schemes: ALL },
  absentPageFault: { title: 'Access to a page on disk or not populated yet, into the hypervisor', schemes: ALL },
  diskRead: { title: 'One page read from the paging disk', schemes: ALL },
  diskWrite: { title: 'One page written to the paging disk', schemes: ALL },
  pageCompare: { title: 'Comparison of two pages', schemes: ALL },
  zeroCheck: { title: 'Look at one page, whether it is all zero', schemes: ALL },
  frameDescribe: { title: 'Descriptor of one added frame made', schemes: ALL },
  tlbMissHashHit: { title: 'TLB miss, served from the hashed table', schemes: ['hash'] },
  hashFault: { title: 'Miss in the hashed table, served by the guest kernel', schemes: ['hash'] },
  hashInsert: { title: 'Entry checked and put into the hashed table', schemes: ['hash'] },
  hashRemove: { title: 'Entry taken out of the hashed table and the TLB', schemes: ['hash'] },
  guestPageFault: { title: 'Page fault that the guest kernel handles', schemes: ['radix', 'hash'] },
  hypervisorPageFault: { title: 'Page fault that enters the hypervisor', schemes: ['radix'] },
  emulatedWrite: { title: 'Store to a page-table page, emulated', schemes: ['radix'] },
  pageUpdate: { title: 'Page-table entry updated by a hypercall', schemes: ['radix'] },
  writablePageUpdate: { title: 'Of those, in a page that is no page table yet', schemes: ['radix'] },
  vaMappingUpdate: { title: 'update_va_mapping', schemes: ['radix'] },
  mmuextOperation: { title: 'mmuext operation', schemes: ['radix'] },
  multicall: { title: 'Multicall', schemes: ['radix'] },
  memoryOperation: { title: 'memory_op of the balloon, a batch of frames', schemes: ALL },
  fileRead: { title: 'Page of a file read into the page cache', schemes: ALL },
  iretHypercall: { title: 'Return to user mode by the iret hypercall', schemes: ['radix'] },
  pageFaultExit: { title: 'Page fault that exits to the shadow code, without what it does', schemes: ['radix'] },
  faultPassedOn: { title: "Of those, the guest's own, passed on to it", schemes: ['radix'] },
  shadowWalk: { title: 'Walk of the guest tables by the shadow code, with what it fills', schemes: ['radix'] },
  addressSpaceExit: { title: 'Load of a page-table root that exits', schemes: ['radix'] },
  pageFlushExit: { title: 'Flush of a single page that exits', schemes: ['radix'] },
  tableUnsync: { title: 'Guest table let out of sync with its twin', schemes: ['radix'] },
  tableResync: { title: 'Guest table brought back into sync with its twin', schemes: ['radix'] },
  grantOperation: { title: 'grant_table_op, entry and return', schemes: ALL },
  grantEntryStore: { title: 'Grant entry written or cleared by the guest', schemes: ALL },
  grantPin: { title: 'Grant checked and pinned by the hypervisor', schemes: ALL },
  grantUnpin: { title: 'Grant unpinned by the hypervisor', schemes: ALL },
  frameTransfer: { title: 'Frame given to another domain', schemes: ALL },
  p2mUpdate: { title: 'Hypervisor changes an entry of its p2m table', schemes: ALL },
  pageDescriptors: { title: 'Page of descriptors made for frames outside own memory', schemes: ['vhpt', 'radix'] },
  notification: { title: 'Event channel notified by a hypercall', schemes: ALL },
  upcall: { title: 'Event delivered to a guest', schemes: ALL },
  ringEntry: { title: 'Request or response put on a ring or taken off it', schemes: ALL },
  memoryStall: { title: 'Nanosecond of waiting for memory, beyond what near memory takes', schemes: ALL },
  bounceCopy: { title: 'Copy of one 2 KiB slot to or from the bounce pool', schemes: ALL },
  exchangedFrame: { title: 'Frame exchanged for one that makes a contiguous run', schemes: ALL },
  iommuStore: { title: 'Store of an entry of an IOMMU table', schemes: ['radix'] },
  iotlbInvalidation: { title: 'Invalidation of pages of an IOTLB, waited for', schemes: ['radix'] },
  iotlbFlush: { title: 'Flush of a whole IOTLB, waited for', schemes: ['radix'] },
  iotlbMiss: { title: 'IOTLB miss of a device', schemes: ['radix'] },
  iommuRead: { title: 'Entry of an IOMMU table read by a walk for a device', schemes: ['radix'] },
  tableReference: { title: 'Entry of a page table read by the hardware walker', schemes: ['radix'] },
  secondStageReference: { title: 'Entry of a second-stage table read by the hardware walker', schemes: ['radix'] },
  pageFlush: { title: 'Flush of one page from the TLB', schemes: ['radix'] },
  spaceFlush: { title: 'Flush of an address space from the TLB', schemes: ['radix'] },
  secondStageFlush: { title: 'Flush of all that a second-stage entry had a part in', schemes: ['radix'] },
  secondStageFault: { title: 'Second-stage fault into the hypervisor', schemes: ['radix'] },
  secondStageStore: { title: 'Second-stage entry written by the hypervisor', schemes: ['radix'] },
  flushInterrupt: { title: 'Flush sent to another processor by an interrupt, and waited for', schemes: ['radix'] },
  dirtyBufferExit: { title: 'Exit of hardware whose log of dirty pages is full', schemes: ['radix'] },
} as const satisfies Readonly<Record<string, EventKind>>;

export type EventName = keyof typeof EVENTS;
export const EVENT_NAMES = Object.keys(EVENTS) as EventName[];
export const EVENT_TITLES = Object.fromEntries(
  Object.entries(EVENTS).map(([name, { title }]) => [name, title]),
) as Readonly<Record<EventName, string>>;

/** The events that can occur in a scheme, in the order of the table. */
export const eventsIn = (scheme: Scheme): readonly EventName[] =>
  EVENT_NAMES.filter((name) => (EVENTS[name] as EventKind).schemes.includes(scheme));

const numbered = <Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> =>
  Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;

/** Event name to its index in cost and count arrays: no string reaches a hot loop. */
export const Event = numbered(EVENT_NAMES);

/** What an event was for. CPU time splits exactly into mechanisms. */
export const MECHANISM_TITLES = {
  work: 'own work',
  translation: 'translation (TLB and VHPT)',
  foreignMap: 'map foreign pages',
  canonicalise: 'canonicalise page tables',
  copy: 'copy pages',
  network: 'network stack and driver',
  dma: 'translate DMA addresses',
  bounce: 'copy through the bounce pool',
  iommu: 'IOMMU tables and IOTLB',
  dirtyLog: 'read the dirty log',
  logging: 'logging faults',
  populate: 'build and release memory',
  suspend: 'suspend and resume',
  pageTables: 'page tables of processes',
  privilege: 'privilege ring taken from the kernel',
  grants: 'grants',
  rings: 'rings and event channels',
  movement: 'move, share and page out memory',
  memory: 'wait for far or busy memory',
} as const;

export type MechanismName = keyof typeof MECHANISM_TITLES;
export const MECHANISM_NAMES = Object.keys(MECHANISM_TITLES) as MechanismName[];

/** Mechanism name to its index. */
export const Mechanism = numbered(MECHANISM_NAMES);
