import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { assignDevice, removeDevice } from '../../../engine/devices/assign-device.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { mapBuffer, unmapBuffer } from '../../../engine/devices/dma-map.js';
import type { DmaMapping } from '../../../engine/devices/dma-mapping.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
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

/** Guests drive devices, behind an IOMMU or not. */
export const DMA_STEPS = {
  'assign device': assign,
  'remove device': removal,
  'map for DMA': map,
  'unmap for DMA': unmap,
  'device writes': write,
  'device reads': read,
};
