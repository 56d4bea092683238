import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import type { Finding } from '../../../engine/finding.js';
import { assignDevice, removeDevice } from '../../../engine/devices/assign-device.js';
import { mapBuffer, mapGranted, unmapBuffer } from '../../../engine/devices/dma-map.js';
import type { DmaDirection, DmaMapping } from '../../../engine/devices/dma-mapping.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import {
  type ReferenceDevice,
  type ReferenceMapping,
  type Wish,
  changedBy,
  copyFrames,
  dropMapping,
  outlook,
} from './dma-reference.js';
import { programsSee } from './grant-device-reference.js';
import type { MappedGrants } from './grant-reference.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import type { Guest, World } from './world.js';

/** Frames that the heap has free while there are tables of an IOMMU, which take some as frames move. */
const ENOUGH = 24;
const GUARDS = ['none', 'identity', 'own', 'buffers', 'none', 'all RAM'] as const;
const DIRECTIONS = ['to device', 'from device', 'both ways'] as const;
const MOST_MAPPINGS = 4;
/** Frames that a driver leaves its kernel. */
export const LEFT_FREE = 8;

const guardFor = ({ host, size }: World, page: number): ReferenceDevice['guard'] => {
  // Platforms of other schemes are of a time without IOMMUs. A table of all memory is as large as its host.
  if (host.simulation.platform.scheme.kind !== 'radix') return 'none';
  const guard = GUARDS[page % GUARDS.length];
  return guard === 'all RAM' && size.frames > 4096 ? 'identity' : guard;
};

const assign: GuestStep = (world, { domain, reference }, page, place) => {
  if (reference.device !== null) return NOTHING_WRITTEN;
  const guard = guardFor(world, page);
  const hasTables = guard !== 'none' && guard !== 'identity';
  const { heap } = world.host;
  if (hasTables && heap.freeFrames < 2 * ENOUGH + (guard === 'all RAM' ? world.frames / 16 : 0)) return NOTHING_WRITTEN;
  const iommu = world.iommus[page < 6 ? 'strict' : 'deferred'];
  const spec = { name: 'nic', addressBits: place < 2 ? world.narrowBits : 64 };
  const device = assignDevice(domain, spec, guard === 'none' ? null : { iommu, holds: guard });
  expect(isFinding(device)).toBe(reference.outside.size > 0);
  if (!isFinding(device)) reference.device = { device, guard, mappings: [] };
  return NOTHING_WRITTEN;
};

/** Frames of its own that a driver had for a buffer are its kernel's again. */
const giveBack = ({ domain }: Guest, { granted, pfns }: ReferenceMapping): void => {
  if (granted === null) for (const pfn of pfns) domain.free.giveBack(asPfn(pfn));
};

const remove = (guest: Guest): void => {
  const { reference } = guest;
  if (reference.device === null) return;
  removeDevice(reference.device.device);
  for (const mapping of reference.device.mappings) {
    dropMapping(guest, mapping);
    giveBack(guest, mapping);
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

/** A mapping comes out as the reference says; what it wrote of the guest's memory is a copy in its pool. */
export const expectMapped = (
  world: World,
  guest: Guest,
  wish: Wish & { readonly granted: MappedGrants | null },
  map: () => DmaMapping | Finding,
): { readonly mapped: ReferenceMapping | null; readonly written: ReadonlySet<number> } => {
  const { reference } = guest;
  const { owner, pfns, granted } = wish;
  const expected = outlook(world, guest, wish);
  let result: DmaMapping | Finding;
  const written = changedBy(guest, reference.pool?.frames ?? [], () => (result = map()));
  const mapping = result!;
  if (isFinding(mapping)) {
    // A device of few address bits has few addresses to be given.
    if (mapping.rule !== 'iova-space') expect(mapping.rule).toBe(expected);
    expect(written.size).toBe(0);
    return { mapped: null, written };
  }
  const slots = typeof expected === 'object' ? expected : null;
  expect(slots === null ? null : [mapping.slot, mapping.slots]).toEqual(
    expected === null ? null : [slots?.first, slots?.count],
  );
  const copy = slots === null ? null : pfns.map((pfn) => owner.domain.log.stamp(asPfn(pfn)));
  const mapped: ReferenceMapping = { mapping, owner, pfns, granted, copy, slots };
  if (slots === null) for (const pfn of pfns) owner.reference.pin(pfn, 1);
  for (const pfn of copyFrames(world, guest, mapped)) reference.write(pfn);
  return { mapped, written };
};

/** Takes frames of the guest's for a buffer and maps it; they are free again where that is refused. */
export const mapOwn = (
  world: World,
  guest: Guest,
  { pages, offset, bytes }: { readonly pages: number; readonly offset: number; readonly bytes: number },
  direction: DmaDirection,
): ReturnType<typeof expectMapped> | null => {
  const { domain, reference } = guest;
  const pfn = domain.free.count < LEFT_FREE ? null : domain.free.takeRun(pages);
  if (pfn === null) return null;
  const { device } = reference.device!;
  const pfns = Array.from({ length: pages }, (_, index) => asPfn(pfn + index));
  const named = device.numbers === 'guest' ? pfns : pfns.map((each) => domain.model.machineFrame(each));
  const wish = { owner: guest, pfns, named, offset, bytes, withoutRight: false, granted: null };
  const outcome = expectMapped(world, guest, wish, () => mapBuffer(device, { pfn, offset, bytes }, direction));
  if (outcome.mapped === null) for (const each of pfns) domain.free.giveBack(each);
  return outcome;
};

/** Whole pages, or what begins in the midst of one and ends in the next but so many, or a part of one. */
const map: GuestStep = (world, guest, page, place) => {
  const { device } = guest.reference;
  if (device === null || device.mappings.length >= MOST_MAPPINGS) return NOTHING_WRITTEN;
  const { pageBytes } = world.host.simulation.platform;
  const whole = 1 + (page % 3);
  const shapes = [
    { pages: whole, offset: 0, bytes: whole * pageBytes },
    { pages: whole + 1, offset: pageBytes * 0.75, bytes: whole * pageBytes },
    { pages: 1, offset: 8, bytes: pageBytes / 2 + page },
  ];
  const outcome = mapOwn(world, guest, shapes[place % shapes.length], DIRECTIONS[page % 3]);
  if (outcome === null) return NOTHING_WRITTEN;
  if (outcome.mapped !== null) device.mappings.push(outcome.mapped);
  return outcome.written;
};

/** The driver tells its device of a page that was granted to it. */
const mapOfOther: GuestStep = (world, guest, page, place) => {
  const { domain, reference } = guest;
  const { device } = reference;
  const mine = world.grants.mapped.filter(({ mapper }) => mapper === guest);
  const granted = mine[page % mine.length];
  if (device === null || granted === undefined || device.mappings.length >= MOST_MAPPINGS) return NOTHING_WRITTEN;
  const index = place % granted.mapping.length;
  const { granter, pfn } = granted.grants[index];
  // What may be written by another mapping of the same page may be so by this one.
  const direction = granted.writable || page % 4 === 0 ? DIRECTIONS[page % 3] : 'to device';
  const isWritten = mine.some(
    ({ grants, writable }) => writable && grants.some((each) => each.granter === granter && each.pfn === pfn),
  );
  if (!granted.writable && (isWritten || world.grants.byDevice.length > 0)) return NOTHING_WRITTEN;
  const entered = granted.mapping.frame(index);
  const frame = device.device.numbers === 'guest' ? entered : domain.model.frameBehindEntry(entered);
  const wish = {
    owner: granter,
    pfns: [pfn],
    named: [frame],
    offset: 0,
    bytes: world.host.simulation.platform.pageBytes,
    withoutRight: direction !== 'to device' && !granted.writable,
    granted,
  };
  const { mapped, written } = expectMapped(world, guest, wish, () => mapGranted(device.device, entered, direction));
  if (mapped !== null) device.mappings.push(mapped);
  return written;
};

/** The driver takes a buffer back; what the device wrote to a copy is in the buffer then. The frames of its own that changed. */
export const takeBack = (world: World, guest: Guest, taken: ReferenceMapping): ReadonlySet<number> => {
  const { mapping, owner, pfns, copy } = taken;
  const copied = copy !== null && mapping.direction !== 'to device';
  const written = changedBy(owner, pfns, () => unmapBuffer(mapping));
  if (!copied) expect(written.size).toBe(0);
  dropMapping(guest, taken);
  if (copied) {
    pfns.forEach((pfn, index) => {
      expect(owner.domain.log.stamp(asPfn(pfn))).toBe(copy[index]);
      owner.reference.write(pfn);
      programsSee(world.grants, owner, pfn, copy[index]);
    });
  }
  giveBack(guest, taken);
  return owner === guest ? written : NOTHING_WRITTEN;
};

/** Takes back from a domain's device all that it was told of through these granted pages. */
export const takeBackGranted = (world: World, granted: MappedGrants): void => {
  const { device } = granted.mapper.reference;
  for (const mapping of device?.mappings.filter((each) => each.granted === granted) ?? []) {
    takeBack(world, granted.mapper, mapping);
    device!.mappings.splice(device!.mappings.indexOf(mapping), 1);
  }
};

const unmap: GuestStep = (world, guest, page) => {
  const [mapping] = guest.reference.device?.mappings.splice(page % 3, 1) ?? [];
  return mapping === undefined ? NOTHING_WRITTEN : takeBack(world, guest, mapping);
};

const write: GuestStep = (world, guest, page) => {
  const { reference } = guest;
  const used = reference.device?.mappings[page % MOST_MAPPINGS];
  if (used === undefined) return NOTHING_WRITTEN;
  const { mapping, owner, pfns, copy, granted } = used;
  const { guard } = reference.device!;
  const stamps = pfns.map(() => world.host.simulation.nextStamp());
  const refusal = writeByDevice(mapping, stamps);
  const mayNot =
    (guard === 'buffers' && mapping.direction === 'to device') || (guard === 'own' && granted?.writable === false);
  // Another mapping of the page, made since, may let it be written.
  if (guard !== 'own' || granted === null || granted.writable) expect(refusal === null).toBe(!mayNot);
  if (refusal !== null) return NOTHING_WRITTEN;
  if (copy !== null) {
    used.copy = stamps;
    const frames = copyFrames(world, guest, used);
    for (const pfn of frames) reference.write(pfn);
    return new Set(frames);
  }
  pfns.forEach((pfn, index) => {
    owner.reference.write(pfn);
    programsSee(world.grants, owner, pfn, stamps[index]);
  });
  return owner === guest ? new Set(pfns) : NOTHING_WRITTEN;
};

const read: GuestStep = (_world, { reference }, page) => {
  const used = reference.device?.mappings[page % MOST_MAPPINGS];
  if (used === undefined) return NOTHING_WRITTEN;
  const { mapping, owner, pfns, copy } = used;
  expect(readByDevice(mapping)).toEqual(copy ?? pfns.map((pfn) => owner.domain.log.stamp(asPfn(pfn))));
  return NOTHING_WRITTEN;
};

/** Guests drive devices, behind an IOMMU or not, with all address bits or with few. */
export const DMA_STEPS = {
  'assign device': assign,
  'remove device': removal,
  'map for DMA': map,
  'unmap for DMA': unmap,
  'device writes': write,
  'device reads': read,
};
export const GRANTED_DMA_STEPS: Readonly<Record<string, GuestStep>> = { 'map granted for DMA': mapOfOther };
