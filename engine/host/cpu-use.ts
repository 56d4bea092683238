import type { EventName, MechanismName } from './events.js';
import type { Account } from './ledger.js';

/** Hypercalls, by whatever they are counted as. */
const HYPERCALLS: ReadonlySet<EventName> = new Set([
  'hypercall',
  'multicall',
  'memoryOperation',
  'iretHypercall',
  'grantOperation',
  'notification',
]);

/** Other entries into the hypervisor: faults and privileged instructions. On ppc64 a logging fault is one of the hypercalls too. */
const EXITS: ReadonlySet<EventName> = new Set([
  'translationFault',
  'privilegedInsert',
  'regionRegisterSet',
  'purge',
  'loggingFault',
  'hypervisorPageFault',
  'pageFaultExit',
  'addressSpaceExit',
  'pageFlushExit',
  'secondStageFault',
  'dirtyBufferExit',
  'sharedWriteFault',
  'absentPageFault',
]);

/** What the hypervisor does once it is entered, for whomever it does it. */
const INSIDE: ReadonlySet<EventName> = new Set([
  'guestTableRead',
  'faultReflection',
  'ownerCheck',
  'p2mLookup',
  'vhptInsert',
  'flushAll',
  'foreignEnter',
  'foreignRemove',
  'bitmapChunk',
  'pagePin',
  'pageAllocate',
  'pageCompare',
  'zeroCheck',
  'frameDescribe',
  'hashInsert',
  'hashRemove',
  'emulatedWrite',
  'pageUpdate',
  'writablePageUpdate',
  'vaMappingUpdate',
  'mmuextOperation',
  'faultPassedOn',
  'shadowWalk',
  'tableUnsync',
  'tableResync',
  'grantPin',
  'grantUnpin',
  'frameTransfer',
  'p2mUpdate',
  'exchangedFrame',
  'iommuStore',
  'iotlbInvalidation',
  'iotlbFlush',
  'secondStageStore',
  'secondStageFlush',
]);

/** A guest's kernel scrubs pages for its programs; all others are scrubbed by the hypervisor. */
const SCRUBBED_BY_GUEST: ReadonlySet<MechanismName> = new Set(['pageTables', 'work']);

/** What an account was charged. */
export interface CpuUse {
  readonly ns: number;
  /** Of it in the hypervisor. Walks by the hardware and flushes of a TLB are not. */
  readonly hypervisorNs: number;
  readonly hypercalls: number;
  /** Entries into the hypervisor that are no hypercalls: faults and privileged instructions. */
  readonly exits: number;
}

/** What an account was charged so far, split by where the processor was. */
export const cpuUseOf = (account: Account): CpuUse => {
  let hypervisorNs = 0;
  let hypercalls = 0;
  let exits = 0;
  for (const { event, mechanism, count, nanoseconds } of account.entries()) {
    const isScrub = event === 'pageScrub' && !SCRUBBED_BY_GUEST.has(mechanism);
    if (HYPERCALLS.has(event)) hypercalls += count;
    if (EXITS.has(event)) exits += count;
    if (isScrub || INSIDE.has(event) || HYPERCALLS.has(event) || EXITS.has(event)) hypervisorNs += nanoseconds;
  }
  return { ns: account.cpuNs, hypervisorNs, hypercalls, exits };
};
