import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DmaDevice } from '../../engine/devices/dma-device.js';
import { BouncePool } from '../../engine/devices/bounce-pool.js';
import { DirtyLog } from '../../engine/domain/dirty-log.js';
import { GrantTable } from '../../engine/grants/grant-table.js';
import { Maptrack } from '../../engine/grants/maptrack.js';
import { FrameTable } from '../../engine/host/frame-table.js';
import { NO_FRAME } from '../../engine/host/frame-number.js';
import { HashTable } from '../../engine/host/hash-table.js';
import { Heap } from '../../engine/host/heap.js';
import { Host } from '../../engine/host/host.js';
import { Tlb } from '../../engine/host/tlb.js';
import { Vhpt } from '../../engine/host/vhpt.js';
import { PagingDisk } from '../../engine/host/paging-disk.js';
import { Iommu } from '../../engine/iommu/iommu.js';
import { IommuContext } from '../../engine/iommu/iommu-context.js';
import { LinuxKernel } from '../../engine/linux/kernel.js';
import { PageFrames, PageUse } from '../../engine/linux/page-frames.js';
import { HashMmu } from '../../engine/mmu/hash-mmu.js';
import { RadixMmu } from '../../engine/mmu/radix-mmu.js';
import { ShadowMmu } from '../../engine/mmu/shadow-mmu.js';
import { VhptMmu } from '../../engine/mmu/vhpt-mmu.js';
import { NestedPaging } from '../../engine/paging/nested-paging.js';
import { PagingUnit } from '../../engine/paging/paging-unit.js';
import { SecondStage } from '../../engine/paging/second-stage.js';
import { GuestFrameUses } from '../../engine/shadow/guest-frame-uses.js';
import { OutOfSync } from '../../engine/shadow/out-of-sync.js';
import { TwinCache } from '../../engine/shadow/twin-cache.js';
import { PvShadow } from '../../engine/x86/pv-shadow.js';
import { OnDemandCache } from '../../engine/models/on-demand-cache.js';
import { Overcommit } from '../../engine/models/overcommit.js';
import { P2mTable } from '../../engine/models/p2m-table.js';
import type { TranslationScheme } from '../../engine/platform.js';
import { PvMemory } from '../../engine/x86/pv-memory.js';
import { DmaPair, dmaStep } from './devices/random-dma.js';
import { runProcesses, steps as processSteps } from './linux/random-processes.js';
import { type Machine, linuxOn, linuxOnPpc64 } from './linux/support.js';
import { faultOf, sequenceOf } from './random/sequence.js';
import { LINUX_STEPS } from './random/linux-steps.js';
import { KINDS_WITHOUT_PROCESSES } from './random/steps.js';
import { World, smallWorld } from './random/world.js';
import { RADIX_VARIANTS, VARIANTS, hashScheme, radixScheme, vhptScheme } from './support.js';

/** Runs something that throws or reports a fault: whether it did. */
type Harness = () => boolean;

const throws = (work: () => void): boolean => {
  try {
    work();
    return false;
  } catch {
    return true;
  }
};

const variantOf = (title: string): (typeof VARIANTS)[number] =>
  [...VARIANTS, ...RADIX_VARIANTS].find((variant) => variant.title === title)!;

const inWorlds =
  (pairs: readonly (readonly [control: string, guest: string])[], scheme: TranslationScheme = vhptScheme()): Harness =>
  () =>
    pairs.some(([control, guest]) =>
      ['one', 'two', 'three'].some((seed) => {
        const makeWorld = (): World => new World(variantOf(control), variantOf(guest), scheme, smallWorld(160));
        return throws(() => {
          const fault = faultOf(makeWorld(), sequenceOf(`mutations ${seed}`, 400, KINDS_WITHOUT_PROCESSES), 1);
          if (fault !== null) throw new Error(fault);
        });
      }),
    );

const onIa64 = inWorlds([
  ['insert', 'p2m'],
  ['direct, restricted', 'insert'],
]);
const MEMORY = ['build', 'map', 'unmap', 'write', 'kernel write'];
const BALLOON = ['balloon out', 'balloon in'];
const ON_DEMAND = ['build on demand', 'destroy', 'kernel write', 'balloon out'];
const LOGGED = ['log', 'harvest', 'relocate'];

/** Some kinds of step alone, by one guest: in a sequence of all, what they leave in caches is soon flushed by others. */
const withOneGuest = (model: string, kinds: readonly string[]): Harness => {
  const makeWorld = (): World =>
    new World(variantOf('direct, trusted'), variantOf(model), radixScheme(), smallWorld(160));
  const steps = sequenceOf('one guest', 3000, KINDS_WITHOUT_PROCESSES).filter(
    ({ kind, guest }) => guest === 0 && kinds.includes(kind),
  );
  return () =>
    throws(() => {
      const fault = faultOf(makeWorld(), steps, 1);
      if (fault !== null) throw new Error(fault);
    });
};

const underP2m = inWorlds([['direct, trusted', 'p2m']], radixScheme());
const underNested = inWorlds([['direct, trusted', 'nested']], radixScheme());
const underShadow = inWorlds([['shadow', 'shadow']], radixScheme());
const onPpc64 = (): boolean => inWorlds([['insert', 'insert']], hashScheme())();

const amongGrants = inWorlds([
  ['insert', 'p2m'],
  ['direct, restricted', 'insert'],
  ['p2m', 'direct, restricted'],
]);

const withDevices: Harness = () => {
  const sequences = fc.sample(fc.array(dmaStep, { minLength: 40, maxLength: 60, size: 'max' }), {
    numRuns: 6,
    seed: 7,
  });
  return sequences.some((sequence) =>
    throws(() => {
      const pair = new DmaPair({ model: 'p2m', holds: 'own', invalidation: 'strict', addressBits: 20 });
      for (const each of sequence) {
        pair.take(each);
        pair.check();
      }
    }),
  );
};

const inLinuxOn =
  (machine: () => Machine, runs = 4): Harness =>
  () =>
    fc
      .sample(processSteps(60), { numRuns: runs, seed: 7 })
      .some((sequence) => throws(() => runProcesses(machine(), sequence)));

const inLinux = inLinuxOn(() => linuxOn('p2m', 700));
const inLinuxOnPpc64 = inLinuxOn(() => linuxOnPpc64(700), 8);

/** Guests have frames enough to fork. */
const ROOMY = { frames: 512, controlPages: 60, guestPages: 96 };

/** Processes of guests, and what moves their pages or takes them away. */
const besideProcesses = (model: string, others: readonly string[]): Harness => {
  const linux = Object.keys(LINUX_STEPS);
  const kinds = ['build', ...others, ...linux, ...linux, ...linux];
  const makeWorld = (): World => new World(variantOf('p2m'), variantOf(model), radixScheme(), ROOMY);
  return () =>
    ['one', 'two', 'three', 'four'].some((seed) =>
      throws(() => {
        const fault = faultOf(makeWorld(), sequenceOf(`processes ${seed}`, 1500, kinds), 25);
        if (fault !== null) throw new Error(fault);
      }),
    );
};

const processesThatMove = besideProcesses('p2m', ['relocate', 'offline and back', 'unplug and back']);
const processesOfMortals = besideProcesses('p2m', ['destroy', 'crash and restart', 'log', 'harvest', 'stop logging']);
const shadowProcesses = besideProcesses('shadow', ['page out', 'relocate', 'log', 'harvest']);

const nothing = (): void => {};

/** Twenty mechanisms and more, each broken by itself. */
const MUTATIONS: readonly (readonly [what: string, harness: Harness, breakIt: () => void])[] = [
  ['a purge of a page is skipped', onIa64, () => void vi.spyOn(VhptMmu.prototype, 'purge').mockImplementation(nothing)],
  ['a purge leaves the TLB', onIa64, () => void vi.spyOn(Tlb.prototype, 'purge').mockReturnValue(false)],
  ['a purge leaves the VHPT', onIa64, () => void vi.spyOn(Vhpt.prototype, 'purge').mockReturnValue(false)],
  ['log-dirty flushes nothing', onIa64, () => void vi.spyOn(VhptMmu.prototype, 'flush').mockImplementation(nothing)],
  ['a dirty bit is missed', onIa64, () => void vi.spyOn(DirtyLog.prototype, 'mark').mockImplementation(nothing)],
  ['a harvest does not clear', onIa64, () => void vi.spyOn(DirtyLog.prototype, 'clear').mockImplementation(nothing)],
  ['a type is not counted', onIa64, () => void vi.spyOn(FrameTable.prototype, 'takeType').mockReturnValue(true)],
  [
    'a type count never falls',
    onIa64,
    () => void vi.spyOn(FrameTable.prototype, 'dropType').mockImplementation(nothing),
  ],
  ['a reference is forgotten', onIa64, keepReferences],
  ['a freed frame leaks', onIa64, () => void vi.spyOn(Heap.prototype, 'free').mockImplementation(nothing)],
  ['a freed frame is not scrubbed', onIa64, releaseWithoutScrub],
  [
    'the m2p is not kept',
    onIa64,
    () => void vi.spyOn(FrameTable.prototype, 'setGuestFrame').mockImplementation(nothing),
  ],
  ['the p2m keeps a frame that is gone', onIa64, keepP2mEntries],
  [
    'an entry stays in the hashed table',
    onPpc64,
    () => void vi.spyOn(HashTable.prototype, 'remove').mockImplementation(nothing),
  ],
  [
    'a purge leaves the TLB of the walker',
    underP2m,
    () => void vi.spyOn(PagingUnit.prototype, 'flushPage').mockImplementation(nothing),
  ],
  [
    'an entry changes and its twin does not',
    underP2m,
    () => void vi.spyOn(PvShadow.prototype, 'stored').mockImplementation(nothing),
  ],
  [
    'a harvest drops no twin of a P2M guest',
    withOneGuest('p2m', [...MEMORY, ...LOGGED]),
    () => void vi.spyOn(PvShadow.prototype, 'harvest').mockImplementation(nothing),
  ],
  [
    'a table is given up and its twin stays',
    withOneGuest('p2m', [...MEMORY, ...LOGGED]),
    () => void vi.spyOn(PvShadow.prototype, 'tableGone').mockImplementation(nothing),
  ],
  [
    'twins of a P2M guest stay when its log ends',
    withOneGuest('p2m', [...MEMORY, ...LOGGED, 'stop logging']),
    () => void vi.spyOn(PvShadow.prototype, 'end').mockImplementation(nothing),
  ],
  [
    'a flush of all leaves the hashed table',
    onPpc64,
    () => void vi.spyOn(HashTable.prototype, 'clear').mockImplementation(nothing),
  ],
  [
    'a second stage lets all be written when logging begins',
    withOneGuest('nested', [...MEMORY, ...LOGGED]),
    () => void vi.spyOn(SecondStage.prototype, 'beginLogging').mockReturnValue(0),
  ],
  [
    'a harvest takes no right from the second stage',
    withOneGuest('nested', [...MEMORY, ...LOGGED]),
    () => void vi.spyOn(SecondStage.prototype, 'harvest').mockReturnValue([]),
  ],
  [
    'a shared frame is taken for a guest’s own',
    underNested,
    () => void vi.spyOn(Overcommit.prototype, 'isShared').mockReturnValue(false),
  ],
  [
    'a page comes back from the disk as another',
    underNested,
    () => void vi.spyOn(PagingDisk.prototype, 'contents').mockReturnValue(7),
  ],
  [
    'a slot of the paging disk is not emptied',
    underNested,
    () => void vi.spyOn(PagingDisk.prototype, 'drop').mockImplementation(nothing),
  ],
  [
    'a frame that should wait for the next page is lost',
    withOneGuest('nested', ON_DEMAND),
    () => void vi.spyOn(OnDemandCache.prototype, 'takeBack').mockImplementation(nothing),
  ],
  [
    'a guest frame changes and no nested cache hears of it',
    withOneGuest('nested', [...MEMORY, ...BALLOON]),
    () => void vi.spyOn(NestedPaging.prototype, 'flushGuestFrame').mockImplementation(nothing),
  ],
  [
    'a nested flush of all is skipped',
    underNested,
    () => void vi.spyOn(NestedPaging.prototype, 'flushAll').mockImplementation(nothing),
  ],
  [
    'the second stage keeps a frame that is gone',
    underNested,
    () => void vi.spyOn(SecondStage.prototype, 'takeOut').mockReturnValue(true),
  ],
  [
    'twins change and the TLB is not flushed',
    underShadow,
    () => void vi.spyOn(ShadowMmu.prototype, 'twinsChanged').mockImplementation(nothing),
  ],
  [
    'a twin keeps a frame that is gone',
    underShadow,
    () => void vi.spyOn(TwinCache.prototype, 'clearFrame').mockImplementation(nothing),
  ],
  [
    'a table is not write-protected',
    underShadow,
    () => void vi.spyOn(GuestFrameUses.prototype, 'mayBeWritable').mockReturnValue(true),
  ],
  [
    'writers of a table stay when it is in sync again',
    withOneGuest('shadow', MEMORY),
    () => void vi.spyOn(OutOfSync.prototype, 'protectWriters').mockImplementation(nothing),
  ],
  [
    'a flush of one page by the guest is lost',
    withOneGuest('shadow', MEMORY),
    () => void vi.spyOn(ShadowMmu.prototype, 'purge').mockImplementation(nothing),
  ],
  [
    'a reference to a twin is not counted',
    underShadow,
    () => void vi.spyOn(TwinCache.prototype, 'hold').mockImplementation(nothing),
  ],
  [
    'a kernel on hashed tables unmaps a page and its entry stays',
    inLinuxOnPpc64,
    () => void vi.spyOn(HashMmu.prototype, 'purge').mockImplementation(nothing),
  ],
  [
    'a kernel on hashed tables forks and entries keep the right to write',
    inLinuxOnPpc64,
    () => void vi.spyOn(HashMmu.prototype, 'purgeWritable').mockImplementation(nothing),
  ],
  [
    'a flush of one page by a kernel under P2M is lost',
    inLinux,
    () => void vi.spyOn(RadixMmu.prototype, 'purge').mockImplementation(nothing),
  ],
  [
    'a kernel under P2M loads another base, and the TLB is not flushed',
    inLinux,
    () => void vi.spyOn(RadixMmu.prototype, 'flush').mockImplementation(nothing),
  ],
  [
    'a grant in use is not pinned',
    amongGrants,
    () => void vi.spyOn(GrantTable.prototype, 'pin').mockImplementation(nothing),
  ],
  [
    'an unmap leaves the grant pinned',
    amongGrants,
    () => void vi.spyOn(GrantTable.prototype, 'unpin').mockImplementation(nothing),
  ],
  [
    'grants do not follow frames that moved',
    amongGrants,
    () => void vi.spyOn(GrantTable.prototype, 'follow').mockImplementation(nothing),
  ],
  [
    'a mapping of a grant is not tracked to its end',
    amongGrants,
    () => void vi.spyOn(Maptrack.prototype, 'remove').mockImplementation(nothing),
  ],
  [
    'a device ignores its address mask',
    withDevices,
    () => void vi.spyOn(DmaDevice.prototype, 'canAddress').mockReturnValue(true),
  ],
  [
    'an IOTLB is not invalidated',
    withDevices,
    () => void vi.spyOn(Iommu.prototype, 'invalidate').mockImplementation(nothing),
  ],
  [
    'an IOMMU does not follow what a domain owns',
    withDevices,
    () => void vi.spyOn(IommuContext.prototype, 'follow').mockImplementation(nothing),
  ],
  [
    'a frame that a device maps is not held',
    withDevices,
    () => void vi.spyOn(FrameTable.prototype, 'addPins').mockImplementation(nothing),
  ],
  [
    'slots of the bounce pool are not given back',
    withDevices,
    () => void vi.spyOn(BouncePool.prototype, 'giveBack').mockImplementation(nothing),
  ],
  [
    'a page-table update is not checked',
    inLinux,
    () => void vi.spyOn(PvMemory.prototype, 'update').mockReturnValue('page table'),
  ],
  ['a page-table page is not pinned', inLinux, () => void vi.spyOn(PvMemory.prototype, 'pin').mockReturnValue(null)],
  [
    'a mapping of a page is not counted',
    inLinux,
    () => void vi.spyOn(PageFrames.prototype, 'addMapping').mockImplementation(nothing),
  ],
  [
    'a kernel does not follow its page tables where they move',
    processesThatMove,
    () => void vi.spyOn(LinuxKernel.prototype, 'follow').mockImplementation(nothing),
  ],
  ['a fork leaves parent and child the right to write', processesOfMortals, leaveRightToWrite],
  [
    'a program that exits leaves its tables pinned',
    processesOfMortals,
    () => void vi.spyOn(PvMemory.prototype, 'unpin').mockReturnValue(null),
  ],
  [
    'a page that two programs share is taken for one’s own',
    processesOfMortals,
    () => void vi.spyOn(PageFrames.prototype, 'isExclusive').mockReturnValue(true),
  ],
  ['a shadowed guest’s kernel forks and parent and child keep the right to write', shadowProcesses, leaveRightToWrite],
];

function leaveRightToWrite(): void {
  const original = Reflect.get(LinuxKernel.prototype, 'entryFor');
  vi.spyOn(LinuxKernel.prototype, 'entryFor').mockImplementation(function (this: LinuxKernel, pfn, writable) {
    return original.call(this, pfn, writable || this.pages.use(pfn) === PageUse.anonymous);
  });
}

/** A dropped reference stays, and a frame that is gone stays in the p2m: calls that take something away do nothing. */
function keepReferences(): void {
  const original = Reflect.get(FrameTable.prototype, 'addReferences');
  vi.spyOn(FrameTable.prototype, 'addReferences').mockImplementation(function (this: FrameTable, mfn, delta) {
    if (delta > 0) original.call(this, mfn, delta);
  });
}

function keepP2mEntries(): void {
  const original = Reflect.get(P2mTable.prototype, 'set');
  vi.spyOn(P2mTable.prototype, 'set').mockImplementation(function (this: P2mTable, pfn, mfn) {
    if (mfn !== NO_FRAME) original.call(this, pfn, mfn);
  });
}

function releaseWithoutScrub(): void {
  const original = Reflect.get(Host.prototype, 'release');
  vi.spyOn(Host.prototype, 'release').mockImplementation(function (this: Host, mfn, payer) {
    const stamp = this.frames.contents(mfn);
    original.call(this, mfn, payer);
    this.frames.setContents(mfn, stamp);
  });
}

afterEach(() => void vi.restoreAllMocks());

describe('the harnesses find no fault in the engine as it is', () => {
  it.each([
    ['ia64', onIa64],
    ['P2M on radix tables', underP2m],
    ['nested tables', underNested],
    ['shadow', underShadow],
    ['one P2M guest', withOneGuest('p2m', [...MEMORY, ...LOGGED])],
    ['one nested guest', withOneGuest('nested', [...MEMORY, ...BALLOON])],
    ['one shadow guest', withOneGuest('shadow', MEMORY)],
    ['one guest on demand', withOneGuest('nested', ON_DEMAND)],
    ['ppc64', onPpc64],
    ['grants', amongGrants],
    ['devices', withDevices],
    ['processes', inLinux],
    ['processes on ppc64', inLinuxOnPpc64],
    ['processes of guests whose pages move', processesThatMove],
    ['processes of guests that come and go', processesOfMortals],
    ['processes of shadowed guests', shadowProcesses],
  ] as const)(
    '%s',
    (_name, harness) => {
      expect(harness()).toBe(false);
    },
    60_000,
  );
});

describe('every mechanism that is broken on purpose is caught', () => {
  it.each(MUTATIONS)(
    '%s',
    (_what, harness, breakIt) => {
      breakIt();
      expect(harness()).toBe(true);
    },
    60_000,
  );

  it('are twenty at least', () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(20);
  });
});
