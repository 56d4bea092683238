import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import type { DmaMapping } from '../../../engine/devices/dma-mapping.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import type { SlowPool } from '../devices/slow-pool.js';
import type { MappedGrants } from './grant-reference.js';
import type { ReferenceDomain } from './reference.js';
import type { Guest, World } from './world.js';

/** A buffer that a device was told of, as the reference sees it. */
export interface ReferenceMapping {
  mapping: DmaMapping;
  /** Whose memory it is, and which pages: the driver's own, or granted ones through what it has mapped. */
  readonly owner: Guest;
  readonly pfns: readonly number[];
  readonly granted: MappedGrants | null;
  /** What the device has of each page where it finds a copy in the bounce pool; null where it uses the buffer itself. */
  copy: number[] | null;
  readonly slots: { readonly first: number; readonly count: number } | null;
}

/** A device that a guest drives, and what it was told of. */
export interface ReferenceDevice {
  device: DmaDevice;
  readonly guard: 'none' | 'identity' | 'all RAM' | 'own' | 'buffers';
  mappings: ReferenceMapping[];
}

/** Frames that a guest keeps for copies of what its devices cannot reach. */
export interface ReferencePool {
  readonly frames: readonly number[];
  readonly slots: SlowPool;
}

export const isOfPool = ({ reference: { pool } }: Guest, pfn: number): boolean => pool?.frames.includes(pfn) === true;

/** The buffer is the device's no more. */
export const dropMapping = ({ reference }: Guest, dropped: ReferenceMapping): void => {
  const { owner, pfns, slots } = dropped;
  if (slots !== null) reference.pool!.slots.giveBack(slots.first, slots.count);
  else for (const pfn of pfns) owner.reference.pin(pfn, -1);
};

/** The device is gone, and all that it was told of. */
export const leaveDevice = (guest: Guest): void => {
  for (const mapping of guest.reference.device?.mappings ?? []) dropMapping(guest, mapping);
  guest.reference.device = null;
};

/** The pool is gone; the frames that it had. */
export const leavePool = (reference: ReferenceDomain): readonly number[] => {
  const frames = reference.pool?.frames ?? [];
  for (const pfn of frames) reference.pin(pfn, -1);
  reference.pool = null;
  return frames;
};

/** What a driver asks for: pages of an owner, by the numbers by which its device would name them. */
export interface Wish {
  readonly owner: Guest;
  readonly pfns: readonly number[];
  /** Guest frames for a table of guest frames, machine frames for no table. */
  readonly named: readonly number[];
  readonly offset: number;
  readonly bytes: number;
  /** Whether the device is to write what its driver may only read. */
  readonly withoutRight: boolean;
}

/** How a mapping has to come out: null for the buffer itself, slots for a copy, else the rule that refuses it. */
export type Outlook = null | { readonly first: number; readonly count: number } | string;

/** Says how a mapping has to come out, and takes the slots for it. Slow: it tries slot by slot. */
export const outlook = (world: World, { domain, reference }: Guest, wish: Wish): Outlook => {
  const { named, offset, bytes, withoutRight } = wish;
  const { device } = reference.device!;
  const { pageBytes, bounceSlots } = world.host.simulation.platform;
  const limit = 2 ** device.addressBits;
  if (device.numbers === 'given out') return withoutRight ? 'own-or-granted' : null;
  const fits = named[0] * pageBytes + offset + bytes <= limit;
  if (device.numbers === 'guest') return fits ? null : 'address-mask';
  if (fits && named.every((mfn, index) => mfn === named[0] + index)) return null;
  if (reference.pool === null) return 'bounce-pool';
  if (withoutRight) return 'own-or-granted';
  const { bytes: slotBytes, aSegment } = bounceSlots!;
  const isWhole = named.length > 1 || bytes >= pageBytes;
  const shift = isWhole ? offset : 0;
  const count = Math.ceil((shift + bytes) / slotBytes);
  if (count > aSegment) return 'bounce-size';
  const first = reference.pool.slots.take(count, isWhole ? pageBytes / slotBytes : 1);
  if (first < 0) return 'bounce-room';
  const frame = domain.model.machineFrame(asPfn(reference.pool.frames[Math.floor((first * slotBytes) / pageBytes)]));
  if (frame * pageBytes + ((first * slotBytes) % pageBytes) + shift + bytes <= limit) return { first, count };
  reference.pool.slots.giveBack(first, count);
  return 'bounce-mask';
};

/** The guest frames of the pool in which a mapping's copy is. */
export const copyFrames = (world: World, { reference }: Guest, { slots }: ReferenceMapping): readonly number[] => {
  if (slots === null) return [];
  const { pageBytes, bounceSlots } = world.host.simulation.platform;
  const pageOf = (slot: number): number => Math.floor((slot * bounceSlots!.bytes) / pageBytes);
  return reference.pool!.frames.slice(pageOf(slots.first), pageOf(slots.first + slots.count - 1) + 1);
};

/** Frames of a guest that have other contents after some work than before, by the log of its writes. */
export const changedBy = ({ domain }: Guest, pfns: readonly number[], work: () => void): ReadonlySet<number> => {
  const stamps = pfns.map((pfn) => domain.log.stamp(asPfn(pfn)));
  work();
  return new Set(pfns.filter((pfn, index) => domain.log.stamp(asPfn(pfn)) !== stamps[index]));
};
