/** Events of every scheme of translation, and those of ia64's. A platform of ia64 gives each a cost. */
const IA64_EVENTS = {
  access: 'Memory access, served by the TLB',
  tlbMissVhptHit: 'TLB miss, served by the VHPT walker',
  translationFault: 'Translation fault into the hypervisor',
  guestTableRead: 'Hypervisor reads an entry of the guest page table',
  faultReflection: 'Fault reflected into the guest kernel',
  privilegedInsert: 'Privileged TLB insert by the guest, trapped',
  ownerCheck: 'Owner check of one frame of an insert',
  p2mLookup: 'Hypervisor looks up its p2m table',
  guestP2mLookup: 'Guest looks up a p2m array that it can read',
  guestP2mStore: 'Guest stores into its p2m array',
  vhptInsert: 'Entry put into the VHPT and the TLB',
  purge: 'Purge of one page from the VHPT and the TLB',
  flushAll: 'Flush of a whole VHPT and TLB',
  hypercall: 'Hypercall, entry and return',
  foreignEnter: 'Foreign frame checked, referenced and entered',
  foreignRemove: 'Foreign frame taken out, reference dropped',
  pteStore: 'Plain store of a page-table entry',
  loggingFault: 'First write to a page under log-dirty',
  bitmapChunk: 'Copy of 1024 bits of the dirty bitmap',
  tableEntryTranslate: 'Page-table entry translated by the migration tool',
  pagePin: 'Page-table page pinned or unpinned',
  pageCopy: 'Copy of one page',
  pageScrub: 'Scrub of one page',
  pageAllocate: 'Frame taken from or given to the heap',
  segmentSend: 'Network segment passed through stack and driver',
  dmaMap: 'DMA mapping made by the driver, without its translation',
  suspend: 'Suspend of the guest, from request to stopped',
  resume: 'Resume of the guest, from last page to running',
} as const;

/** Events of the hashed table of ppc64. */
const PPC64_EVENTS = {
  tlbMissHashHit: 'TLB miss, served from the hashed table',
  hashFault: 'Miss in the hashed table, served by the guest kernel',
  hashInsert: 'Entry checked and put into the hashed table',
  hashRemove: 'Entry taken out of the hashed table and the TLB',
} as const;

/** Events of Linux on x86, bare or under a hypervisor. No platform file of x86 gives them costs yet. */
const X86_EVENTS = {
  guestPageFault: 'Page fault that the guest kernel handles',
  hypervisorPageFault: 'Page fault that enters the hypervisor',
  emulatedWrite: 'Store to a page-table page, emulated',
  pageUpdate: 'Page-table entry updated by a hypercall',
  writablePageUpdate: 'Of those, in a page that is no page table yet',
  vaMappingUpdate: 'update_va_mapping',
  mmuextOperation: 'mmuext operation',
  multicall: 'Multicall',
  memoryOperation: 'memory_op of the balloon, a batch of frames',
  iretHypercall: 'Return to user mode by the iret hypercall',
} as const;

/** Every event that the ledger can count. */
export const EVENT_TITLES = { ...IA64_EVENTS, ...X86_EVENTS, ...PPC64_EVENTS } as const;

export type EventName = keyof typeof EVENT_TITLES;
export const EVENT_NAMES = Object.keys(EVENT_TITLES) as EventName[];
export const IA64_EVENT_NAMES = Object.keys(IA64_EVENTS) as EventName[];

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
  dirtyLog: 'read the dirty log',
  logging: 'logging faults',
  populate: 'build and release memory',
  suspend: 'suspend and resume',
  pageTables: 'page tables of processes',
} as const;

export type MechanismName = keyof typeof MECHANISM_TITLES;
export const MECHANISM_NAMES = Object.keys(MECHANISM_TITLES) as MechanismName[];

/** Mechanism name to its index. */
export const Mechanism = numbered(MECHANISM_NAMES);
