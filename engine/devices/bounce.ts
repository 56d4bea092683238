import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, type Pfn, asPfn, hex } from '../host/frame-number.js';
import { NO_SLOT } from './bounce-pool.js';
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
  const { device, direction, bytes, pfns } = buffer;
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
  const kept = direction === 'to device' ? undefined : mfnsOf(buffer).find((mfn) => !model.mayWrite(mfn));
  if (kept !== undefined) {
    return refusal(
      'own-or-granted',
      `the copy could not be written back to frame ${hex(kept)}, ${host.describeOwner(kept)}`,
    );
  }
  const keepsOffset = pfns.length > 1 || bytes >= pageBytes;
  const shift = shiftOf(buffer);
  const { bytes: slotBytes, aSegment } = pool.geometry;
  if (shift + bytes > aSegment * slotBytes) {
    return refusal('bounce-size', `${bytes} bytes are more than the ${aSegment * slotBytes} that bounce at once`);
  }
  const slots = Math.ceil((shift + bytes) / slotBytes);
  const slot = pool.take(slots, keepsOffset);
  if (slot === NO_SLOT) {
    return refusal('bounce-room', `${slots} slots in a run are not free, ${pool.used} of ${pool.slots} are in use`);
  }
  const address = model.busFrame(pool.pfnOf(slot)) * pageBytes + ((slot * slotBytes) % pageBytes) + shift;
  if (!device.canAddress(address, bytes)) {
    pool.giveBack(slot, slots);
    return refusal('bounce-mask', `its bounce pool is beyond ${device.addressBits} bits of address`);
  }
  const mapping: DmaMapping = { ...buffer, address, slot, slots };
  copyOut(mapping);
  return mapping;
};

const mfnsOf = ({ owner, pfns }: Bounced): Mfn[] => pfns.map((pfn) => owner.model.machineFrame(pfn));

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
export const returnSlots = ({ device: { domain }, slot, slots }: DmaMapping): void =>
  domain.host.dma.pools.get(domain)!.giveBack(slot, slots);

/** How far into its first slot a buffer begins: a buffer of a page or more, or in more than one, keeps its offset in the page. */
const shiftOf = ({ device, pfns, offset, bytes }: Bounced): number =>
  pfns.length > 1 || bytes >= device.domain.host.simulation.platform.pageBytes ? offset : 0;

/** The slot in which the piece of the buffer's page `index` begins. */
const firstSlotOf = (mapping: DmaMapping, index: number): number => {
  const { host } = mapping.device.domain;
  const { pageBytes } = host.simulation.platform;
  const { bytes } = host.dma.pools.get(mapping.device.domain)!.geometry;
  return mapping.slot + Math.floor((index === 0 ? shiftOf(mapping) : index * pageBytes) / bytes);
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
    for (let at: number = pool.pfnOf(first); at <= pool.pfnOf(end - 1); at += 1) domain.fillKernel(asPfn(at), stamp);
    pool.stamps.fill(stamp, first, end);
  });
  domain.account.charge(Mechanism.bounce, Event.bounceCopy, slots);
};
