import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { createBouncePool } from '../../../engine/devices/bounce-pool.js';
import { allocateCoherent } from '../../../engine/devices/coherent-memory.js';
import { readByDevice } from '../../../engine/devices/transfer.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { exchangeContiguous } from '../../../engine/operations/exchange.js';
import { SlowPool } from '../devices/slow-pool.js';
import { type ReferenceDevice, type ReferenceMapping } from './dma-reference.js';
import { LEFT_FREE, mapOwn, takeBack } from './dma-steps.js';
import { type GuestStep, NOTHING_WRITTEN, type WorldStep } from './step.js';
import type { Guest, World } from './world.js';

/** The device uses an address that its driver has taken back: it reaches what its domain may, or what the log of exposures has. */
const expectWithin = (
  { host }: World,
  { domain }: Guest,
  { device, guard }: ReferenceDevice,
  address: number,
): void => {
  const mfn = device.reach(address, false);
  if (isFinding(mfn) || guard === 'none' || guard === 'identity' || guard === 'all RAM') return;
  const { iommu } = device.context!;
  const page = Math.floor(address / host.simulation.platform.pageBytes);
  const isExposed = iommu.exposures.now().some((each) => each.mfn === mfn && each.page === page);
  const isOwn = host.frames.owner(mfn) === domain.id || domain.foreign.has(mfn);
  expect(isOwn || (isExposed && iommu.spec.invalidation === 'deferred')).toBe(true);
};

/** A buffer that the device has read leaves the domain, and the device goes back to where it was. */
const giveUpUsed: GuestStep = (world, guest) => {
  const { domain, reference } = guest;
  const { device } = reference;
  if (device === null) return NOTHING_WRITTEN;
  const bytes = domain.host.simulation.platform.pageBytes;
  const outcome = mapOwn(world, guest, { pages: 1, offset: 0, bytes }, 'to device');
  if (outcome === null || outcome.mapped === null) return NOTHING_WRITTEN;
  const { mapping, pfns } = outcome.mapped;
  const pfn = asPfn(pfns[0]);
  expect(readByDevice(mapping)).toEqual([domain.log.stamp(pfn)]);
  takeBack(world, guest, outcome.mapped);
  expect(domain.free.takeRun(1, (each) => each === pfn)).toBe(pfn);
  const result = domain.balloon.release(pfn);
  expect(isFinding(result)).toBe(reference.lent.has(pfn));
  if (!isFinding(result)) {
    world.goesStale(guest, [pfn]);
    reference.balloonOut(pfn);
  }
  expectWithin(world, guest, device, mapping.address);
  return outcome.written;
};

const giveUpMapped: GuestStep = (_world, guest, page) => {
  const { domain, reference } = guest;
  const used = reference.device?.mappings[page % 3];
  if (used === undefined || used.granted !== null || used.slots !== null) return NOTHING_WRITTEN;
  const pfn = asPfn(used.pfns[0]);
  expect(isFinding(domain.balloon.release(pfn))).toBe(true);
  expect(domain.free.takeRun(1, (each) => each === pfn)).toBe(pfn);
  return NOTHING_WRITTEN;
};

/** Other frames may take the place of some that a guest had: none that others hold, and none of a domain that stays where it is. */
const followExchange = (world: World, guest: Guest, mayMove: boolean, work: () => void): ReadonlySet<number> => {
  const { domain, reference } = guest;
  const before = reference.pages.map((pfn) => {
    const each = asPfn(pfn);
    return { pfn: each, mfn: domain.model.machineFrame(each), stamp: domain.log.stamp(each) };
  });
  const held = new Set(reference.pages.filter((pfn) => reference.isHeld(pfn)));
  work();
  const moved = before.filter(({ pfn, mfn }) => domain.model.machineFrame(pfn) !== mfn).map(({ pfn }) => pfn);
  expect(moved.filter((pfn) => held.has(pfn))).toEqual([]);
  if (domain.model.id === 'direct' || !mayMove) expect(moved).toEqual([]);
  world.goesStale(guest, moved);
  for (const pfn of moved) reference.mayBeDirty.add(pfn);
  return new Set(before.filter(({ pfn, stamp }) => domain.log.stamp(pfn) !== stamp).map(({ pfn }) => pfn));
};

/** Memory that a driver shares with its device for long: where the device uses machine frames, others may take the pages' place. */
const shareForLong: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const { device } = reference;
  if (device === null || device.mappings.length >= 3 || domain.free.count < LEFT_FREE) return NOTHING_WRITTEN;
  return followExchange(world, guest, device.device.numbers === 'machine', () => {
    const mapping = allocateCoherent(device.device, 1 + (page % 2));
    if (isFinding(mapping)) {
      const isNarrow = device.device.addressBits < 64;
      const rules = [
        'free-run',
        'contiguous-below-mask',
        'not-referenced',
        ...(isNarrow ? ['address-mask', 'iova-space'] : []),
      ];
      expect(rules).toContain(mapping.rule);
      return;
    }
    expect(mapping.slot).toBe(-1);
    expect(mapping.address + mapping.bytes).toBeLessThanOrEqual(2 ** device.device.addressBits);
    for (const pfn of mapping.pfns) reference.pin(pfn, 1);
    const { pfns } = mapping;
    const mapped: ReferenceMapping = { mapping, owner: guest, pfns, granted: null, copy: null, slots: null };
    device.mappings.push(mapped);
  });
};

/** A guest sets up a bounce pool in memory that follows itself, low enough for its device or for any. */
const makePool: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const { pageBytes, bounceSlots } = world.host.simulation.platform;
  const segmentPages = (bounceSlots!.aSegment * bounceSlots!.bytes) / pageBytes;
  const pages = segmentPages * (1 + (page % 2));
  if (reference.pool !== null || domain.free.count < pages + LEFT_FREE) return NOTHING_WRITTEN;
  const addressBits = page % 3 === 0 ? 64 : world.narrowBits;
  return followExchange(world, guest, true, () => {
    const pool = createBouncePool(domain, { bytes: pages * pageBytes, addressBits });
    if (isFinding(pool)) {
      expect(['bounce-pool', 'contiguous-below-mask', 'not-referenced']).toContain(pool.rule);
      return;
    }
    const frames = Array.from({ length: pages }, (_, index) => pool.first + index);
    frames.forEach((pfn, index) => {
      const first = frames[index - (index % segmentPages)];
      const mfn = domain.model.machineFrame(asPfn(pfn));
      expect(mfn).toBe(domain.model.machineFrame(asPfn(first)) + (index % segmentPages));
      expect((mfn + 1) * pageBytes).toBeLessThanOrEqual(2 ** addressBits);
      reference.pin(pfn, 1);
    });
    reference.pool = { frames, slots: new SlowPool(pool.slots, bounceSlots!.aSegment) };
  });
};

/** A guest wants two pages that its kernel has free to follow each other in machine memory, low enough. */
const exchange: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const pfn = domain.free.count < LEFT_FREE ? null : domain.free.takeRun(2);
  if (pfn === null) return NOTHING_WRITTEN;
  const pair = [pfn, asPfn(pfn + 1)];
  const addressBits = page % 2 === 0 ? world.narrowBits : 64;
  const { pageBytes } = world.host.simulation.platform;
  const isFit = (): boolean => {
    const [first, second] = pair.map((each) => domain.model.machineFrame(each));
    return second === first + 1 && (second + 1) * pageBytes <= 2 ** addressBits;
  };
  const wasFit = isFit();
  const isFree = pair.every((each) => reference.memory.has(each) && !reference.isHeld(each));
  const changed = followExchange(world, guest, !wasFit && isFree, () => {
    const refusal = exchangeContiguous(domain, pfn, 1, addressBits);
    expect(isFit()).toBe(refusal === null);
    if (wasFit) expect(refusal).toBe(null);
    else if (domain.model.id === 'direct') expect(refusal!.rule).toBe('other-frames');
    else if (!isFree) expect(refusal!.rule).toBe('not-referenced');
    else if (refusal !== null) expect(refusal.rule).toBe('contiguous-below-mask');
  });
  for (const each of pair) domain.free.giveBack(each);
  return changed;
};

/** The timer of deferred invalidation comes after 10 ms. */
const pass: WorldStep = ({ host }, _number, page) => {
  const { clock } = host.simulation;
  clock.advanceTo(clock.nowNs + page * 1e6);
};

/** What devices have been told of is given up or taken for long, and time goes on for what they have left. */
export const DEVICE_MEMORY_STEPS: Readonly<Record<string, GuestStep>> = {
  'give up what a device used': giveUpUsed,
  'give up what a device maps': giveUpMapped,
  'share with a device': shareForLong,
  'make a bounce pool': makePool,
  'exchange for contiguity': exchange,
};
export const TIME_STEPS: Readonly<Record<string, WorldStep>> = { 'time passes': pass };
