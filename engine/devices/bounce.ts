import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { LARGEST_BOUNCE, NO_SLOT, SLOT_BYTES } from './bounce-pool.js';
import type { DmaDevice } from './dma-device.js';
import type { DmaDirection, DmaMapping } from './dma-mapping.js';

interface Bounced {
  readonly device: DmaDevice;
  readonly direction: DmaDirection;
  readonly owner: Domain;
  readonly pfns: readonly Pfn[];
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Maps a buffer through slots of the domain's pool, and copies it there, whichever way the data goes: what the device does not write
 * would else come back as another buffer's (Linux commit aa6f8dcbab47).
 */
export const bounce = (buffer: Bounced): DmaMapping | Finding => {
  const { device, bytes, pfns } = buffer;
  const { domain } = device;
  const { host, model } = domain;
  const { pageBytes } = host.simulation.platform;
  const refusal = (rule: string, detail: string): Finding => ({
    operation: 'map for DMA',
    model: model.id,
    rule,
    detail: `${device.name}: ${detail}`,
  });
  const pool = host.dma.pools.get(domain);
  if (pool === undefined) {
    const detail = `${bytes} bytes in ${pfns.length} frames are not contiguous below ${device.addressBits} bits, and ${domain.name} has no bounce pool`;
    return refusal('bounce-pool', detail);
  }
  const keepsOffset = pfns.length > 1 || bytes >= pageBytes;
  const shift = shiftOf(buffer);
  if (shift + bytes > LARGEST_BOUNCE) {
    return refusal('bounce-size', `${bytes} bytes are more than the ${LARGEST_BOUNCE} that bounce at once`);
  }
  const slots = Math.ceil((shift + bytes) / SLOT_BYTES);
  const slot = pool.take(slots, keepsOffset);
  if (slot === NO_SLOT) {
    return refusal('bounce-room', `${slots} slots in a run are not free, ${pool.used} of ${pool.slots} are in use`);
  }
  const address = model.busFrame(pool.pfnOf(slot)) * pageBytes + ((slot * SLOT_BYTES) % pageBytes) + shift;
  if (!device.canAddress(address, bytes)) {
    pool.giveBack(slot, slots);
    return refusal('bounce-mask', `its bounce pool is beyond ${device.addressBits} bits of address`);
  }
  const mapping: DmaMapping = { ...buffer, address, slot, slots };
  for (const pfn of poolFrames(mapping)) host.frames.addPins(model.machineFrame(pfn), 1);
  copyOut(mapping);
  return mapping;
};

/** Copies what a device wrote to the slots to the buffer. */
export const copyBack = (mapping: DmaMapping): void => {
  const { device, owner, pfns } = mapping;
  const { domain } = device;
  const pool = domain.host.dma.pools.get(domain)!;
  pfns.forEach((pfn, index) => {
    const first = firstSlotOf(mapping, index);
    const stamp = pool.stamps[first];
    domain.readKernel(pool.pfnOf(first));
    if (owner === domain) {
      domain.fillKernel(pfn, stamp);
    } else {
      owner.host.frames.setContents(owner.model.machineFrame(pfn), stamp);
      owner.filledByDevice(pfn, stamp);
    }
  });
  domain.account.charge(Mechanism.bounce, Event.bounceCopy, mapping.slots);
};

/** Gives the slots back. */
export const returnSlots = (mapping: DmaMapping): void => {
  const { domain } = mapping.device;
  const { host, model } = domain;
  for (const pfn of poolFrames(mapping)) host.frames.addPins(model.machineFrame(pfn), -1);
  host.dma.pools.get(domain)!.giveBack(mapping.slot, mapping.slots);
};

/** The guest frames that hold the slots. */
const poolFrames = ({ device, slot, slots }: DmaMapping): Pfn[] => {
  const pool = device.domain.host.dma.pools.get(device.domain)!;
  const first = pool.pfnOf(slot);
  const count = pool.pfnOf(slot + slots - 1) - first + 1;
  return Array.from({ length: count }, (_, index) => (first + index) as Pfn);
};

/** How far into its first slot a buffer begins: a buffer of a page or more, or in more than one, keeps its offset in the page. */
const shiftOf = ({ device, pfns, offset, bytes }: Bounced): number =>
  pfns.length > 1 || bytes >= device.domain.host.simulation.platform.pageBytes ? offset : 0;

/** The slot in which the piece of the buffer's page `index` begins. */
const firstSlotOf = (mapping: DmaMapping, index: number): number => {
  const { pageBytes } = mapping.device.domain.host.simulation.platform;
  return mapping.slot + Math.floor((index === 0 ? shiftOf(mapping) : index * pageBytes) / SLOT_BYTES);
};

const copyOut = (mapping: DmaMapping): void => {
  const { device, owner, pfns, slot, slots } = mapping;
  const { domain } = device;
  const { frames } = domain.host;
  const pool = domain.host.dma.pools.get(domain)!;
  pfns.forEach((pfn, index) => {
    const stamp = owner === domain ? domain.readKernel(pfn) : frames.contents(owner.model.machineFrame(pfn));
    const first = firstSlotOf(mapping, index);
    const end = index + 1 < pfns.length ? firstSlotOf(mapping, index + 1) : slot + slots;
    domain.fillKernel(pool.pfnOf(first), stamp);
    pool.stamps.fill(stamp, first, end);
  });
  domain.account.charge(Mechanism.bounce, Event.bounceCopy, slots);
};
