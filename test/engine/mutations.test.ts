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
import { Iommu } from '../../engine/iommu/iommu.js';
import { IommuContext } from '../../engine/iommu/iommu-context.js';
import { PageFrames } from '../../engine/linux/page-frames.js';
import { VhptMmu } from '../../engine/mmu/vhpt-mmu.js';
import { P2mTable } from '../../engine/models/p2m-table.js';
import type { TranslationScheme } from '../../engine/platform.js';
import { PvMemory } from '../../engine/x86/pv-memory.js';
import { DmaPair, dmaStep } from './devices/random-dma.js';
import { ACTS, GrantWorld, type Picks, take as takeGrant } from './grants/random-grants.js';
import { runProcesses, steps as processSteps } from './linux/random-processes.js';
import { linuxOn } from './linux/support.js';
import { faultOf, sequenceOf } from './random/sequence.js';
import { World, smallWorld } from './random/world.js';
import { VARIANTS, hashScheme, vhptScheme } from './support.js';

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

const variantOf = (title: string): (typeof VARIANTS)[number] => VARIANTS.find((variant) => variant.title === title)!;

const inWorlds =
  (pairs: readonly (readonly [control: string, guest: string])[], scheme: TranslationScheme = vhptScheme()): Harness =>
  () =>
    pairs.some(([control, guest]) =>
      ['one', 'two', 'three'].some((seed) => {
        const makeWorld = (): World => new World(variantOf(control), variantOf(guest), scheme, smallWorld(160));
        return throws(() => {
          const fault = faultOf(makeWorld(), sequenceOf(`mutations ${seed}`, 400), 1);
          if (fault !== null) throw new Error(fault);
        });
      }),
    );

const onIa64 = inWorlds([
  ['insert', 'p2m'],
  ['direct, restricted', 'insert'],
]);
const onPpc64 = (): boolean => inWorlds([['insert', 'insert']], hashScheme())();

const amongGrants: Harness = () => {
  const picks: fc.Arbitrary<Picks> = fc.record({
    act: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])),
    first: fc.nat(63),
    second: fc.nat(63),
    third: fc.nat(63),
  });
  const sequences = fc.sample(fc.array(picks, { minLength: 80, maxLength: 120, size: 'max' }), { numRuns: 4, seed: 7 });
  return sequences.some((sequence) =>
    throws(() => {
      const world = new GrantWorld(['p2m', 'insert', 'direct, restricted'].map(variantOf), 1);
      for (const each of sequence) {
        takeGrant(world, each);
        world.check();
      }
    }),
  );
};

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

const inLinux: Harness = () =>
  fc
    .sample(processSteps(60), { numRuns: 4, seed: 7 })
    .some((sequence) => throws(() => runProcesses(linuxOn('p2m', 700), sequence)));

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
];

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
    ['ppc64', onPpc64],
    ['grants', amongGrants],
    ['devices', withDevices],
    ['processes', inLinux],
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
