import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { assignDevice, removeDevice } from '../../../engine/devices/assign-device.js';
import { allocateCoherent } from '../../../engine/devices/coherent-memory.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { mapBuffer, unmapBuffer } from '../../../engine/devices/dma-map.js';
import type { DmaMapping } from '../../../engine/devices/dma-mapping.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { type GuestStep, NOTHING_WRITTEN, type WorldStep } from './step.js';
import type { Guest, World } from './world.js';

/** Frames that the heap has free while there are tables of an IOMMU, which take some as frames move. */
const ENOUGH = 24;
const GUARDS = ['none', 'identity', 'own', 'buffers'] as const;

/** A device that a guest drives, and what it was told of. */
export interface ReferenceDevice {
  device: DmaDevice;
  readonly guard: (typeof GUARDS)[number];
  mappings: DmaMapping[];
}

const assign: GuestStep = (world, { domain, reference }, page) => {
  if (reference.device !== null) return NOTHING_WRITTEN;
  // Platforms of other schemes are of a time without IOMMUs.
  const hasIommus = world.host.simulation.platform.scheme.kind === 'radix';
  const guard = hasIommus ? GUARDS[page % GUARDS.length] : 'none';
  const hasTables = guard === 'own' || guard === 'buffers';
  if (hasTables && world.host.heap.freeFrames < 2 * ENOUGH) return NOTHING_WRITTEN;
  const iommu = world.iommus[page < 6 ? 'strict' : 'deferred'];
  const spec = { name: 'nic', addressBits: 64 };
  const device = assignDevice(domain, spec, guard === 'none' ? null : { iommu, holds: guard });
  expect(isFinding(device)).toBe(reference.outside.size > 0);
  if (!isFinding(device)) reference.device = { device, guard, mappings: [] };
  return NOTHING_WRITTEN;
};

const remove = ({ domain, reference }: Guest): void => {
  if (reference.device === null) return;
  removeDevice(reference.device.device);
  for (const { pfns } of reference.device.mappings) {
    for (const pfn of pfns) {
      reference.pinned.delete(pfn);
      domain.free.giveBack(pfn);
    }
  }
  reference.device = null;
};

const removal: GuestStep = (_world, guest) => {
  remove(guest);
  return NOTHING_WRITTEN;
};

/** Devices behind tables of an IOMMU go when the heap gets short of frames for them. */
export const spareTables = ({ host, guests }: World): void => {
  if (host.dma.contexts.length === 0 || host.heap.freeFrames >= ENOUGH) return;
  for (const guest of guests) if (guest !== null && guest.reference.device?.device.context) remove(guest);
};

const map: GuestStep = (_world, { domain, reference }, page) => {
  const { device } = reference;
  const pages = 1 + (page % 2);
  if (device === null || device.mappings.length >= 3 || domain.free.count < 8) return NOTHING_WRITTEN;
  const pfn = domain.free.takeRun(pages);
  if (pfn === null) return NOTHING_WRITTEN;
  const pfns = Array.from({ length: pages }, (_, index) => asPfn(pfn + index));
  const direction = (['to device', 'from device', 'both ways'] as const)[page % 3];
  const bytes = pages * domain.host.simulation.platform.pageBytes;
  const [first, ...rest] = pfns.map((each) => domain.model.machineFrame(each));
  const follow = device.device.numbers !== 'machine' || rest.every((mfn, index) => mfn === first + index + 1);
  const mapping = mapBuffer(device.device, { pfn, bytes }, direction);
  expect(isFinding(mapping) ? mapping.rule : 'mapped').toBe(follow ? 'mapped' : 'bounce-pool');
  if (isFinding(mapping)) {
    for (const each of pfns) domain.free.giveBack(each);
    return NOTHING_WRITTEN;
  }
  for (const each of pfns) reference.pinned.add(each);
  device.mappings.push(mapping);
  return NOTHING_WRITTEN;
};

const unmap: GuestStep = (_world, { domain, reference }, page) => {
  const [mapping] = reference.device?.mappings.splice(page % 3, 1) ?? [];
  if (mapping === undefined) return NOTHING_WRITTEN;
  unmapBuffer(mapping);
  for (const pfn of mapping.pfns) {
    reference.pinned.delete(pfn);
    domain.free.giveBack(pfn);
  }
  return NOTHING_WRITTEN;
};

const write: GuestStep = (world, { reference }, page) => {
  const mapping = reference.device?.mappings[page % 3];
  if (mapping === undefined) return NOTHING_WRITTEN;
  const stamps = mapping.pfns.map(() => world.host.simulation.nextStamp());
  const refusal = writeByDevice(mapping, stamps);
  const mayNot = reference.device!.guard === 'buffers' && mapping.direction === 'to device';
  expect(refusal === null).toBe(!mayNot);
  if (refusal !== null) return NOTHING_WRITTEN;
  for (const pfn of mapping.pfns) reference.write(pfn);
  return new Set(mapping.pfns);
};

const read: GuestStep = (_world, { domain, reference }, page) => {
  const mapping = reference.device?.mappings[page % 3];
  if (mapping !== undefined) expect(readByDevice(mapping)).toEqual(mapping.pfns.map((pfn) => domain.log.stamp(pfn)));
  return NOTHING_WRITTEN;
};

/** The device uses an address that its driver has taken back: it reaches what its domain may, or what the log of exposures has. */
const expectWithin = (
  { host }: World,
  { domain }: Guest,
  { device, guard }: ReferenceDevice,
  address: number,
): void => {
  const mfn = device.reach(address, false);
  if (isFinding(mfn) || guard === 'none' || guard === 'identity') return;
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
  const pfn = device === null || domain.free.count < 8 ? null : domain.free.takeRun(1);
  if (device === null || pfn === null) return NOTHING_WRITTEN;
  const bytes = domain.host.simulation.platform.pageBytes;
  const mapping = mapBuffer(device.device, { pfn, bytes }, 'to device');
  if (isFinding(mapping)) throw new Error(mapping.detail);
  expect(readByDevice(mapping)).toEqual([domain.log.stamp(pfn)]);
  unmapBuffer(mapping);
  const result = domain.balloon.release(pfn);
  expect(isFinding(result)).toBe(reference.lent.has(pfn));
  if (!isFinding(result)) {
    world.goesStale(guest, [pfn]);
    reference.balloonOut(pfn);
  }
  expectWithin(world, guest, device, mapping.address);
  return NOTHING_WRITTEN;
};

const giveUpMapped: GuestStep = (_world, { domain, reference }, page) => {
  const pfn = reference.device?.mappings[page % 3]?.pfns[0];
  if (pfn === undefined) return NOTHING_WRITTEN;
  expect(isFinding(domain.balloon.release(pfn))).toBe(true);
  expect(domain.free.takeRun(1, (each) => each === pfn)).toBe(pfn);
  return NOTHING_WRITTEN;
};

/** Memory that a driver shares with its device for long: where the device uses machine frames, others may take the pages' place. */
const shareForLong: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const { device } = reference;
  if (device === null || device.mappings.length >= 3 || domain.free.count < 8) return NOTHING_WRITTEN;
  const before = reference.pages.map((pfn) => {
    const each = asPfn(pfn);
    return { pfn: each, mfn: domain.model.machineFrame(each), stamp: domain.log.stamp(each) };
  });
  const mapping = allocateCoherent(device.device, 1 + (page % 2));
  const moved = before.filter(({ pfn, mfn }) => domain.model.machineFrame(pfn) !== mfn).map(({ pfn }) => pfn);
  expect(moved.filter((pfn) => reference.isHeld(pfn))).toEqual([]);
  if (domain.model.id === 'direct' || device.device.numbers !== 'machine') expect(moved).toEqual([]);
  world.goesStale(guest, moved);
  for (const pfn of moved) reference.mayBeDirty.add(pfn);
  if (!isFinding(mapping)) {
    expect(mapping.slot).toBe(-1);
    for (const pfn of mapping.pfns) reference.pinned.add(pfn);
    device.mappings.push(mapping);
  }
  return new Set(before.filter(({ pfn, stamp }) => domain.log.stamp(pfn) !== stamp).map(({ pfn }) => pfn));
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
};
export const TIME_STEPS: Readonly<Record<string, WorldStep>> = { 'time passes': pass };

/** Guests drive devices, behind an IOMMU or not. */
export const DMA_STEPS = {
  'assign device': assign,
  'remove device': removal,
  'map for DMA': map,
  'unmap for DMA': unmap,
  'device writes': write,
  'device reads': read,
};
