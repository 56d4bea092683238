import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { NO_PAGE } from '../iommu/iova-space.js';
import { bounce, copyBack, returnSlots } from './bounce.js';
import { NO_SLOT } from './bounce-pool.js';
import type { DmaDevice } from './dma-device.js';
import type { DmaBuffer, DmaDirection, DmaMapping } from './dma-mapping.js';

/** What is to be mapped: guest frames of an owner, with the machine frames that they are now. */
interface Wanted {
  readonly device: DmaDevice;
  readonly direction: DmaDirection;
  readonly owner: Domain;
  readonly pfns: readonly Pfn[];
  readonly mfns: readonly Mfn[];
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Tells a device of a buffer of its driver's own memory, as the driver does under its memory model: by the guest frame where that is
 * the address (direct) or where an IOMMU translates it; by the machine frame, looked up (P2M) or asked for (VP); by an address given
 * out for it. What is not contiguous or too high there goes through the bounce pool. The frames that the device is told of stay
 * where they are until `unmapBuffer`.
 */
export const mapBuffer = (device: DmaDevice, buffer: DmaBuffer, direction: DmaDirection): DmaMapping | Finding => {
  const { domain } = device;
  const { host, model } = domain;
  const { pageBytes } = host.simulation.platform;
  const { pfn, bytes, offset = 0 } = buffer;
  const pfns = Array.from({ length: Math.ceil((offset + bytes) / pageBytes) }, (_, index) => asPfn(pfn + index));
  const mfns = pfns.map((each) => model.machineFrame(each));
  const foreign = mfns.findIndex((mfn) => mfn === NO_FRAME || host.frames.owner(mfn) !== domain.id);
  if (foreign >= 0) {
    return refusal(
      device,
      'own-frame',
      `guest frame ${hex(pfns[foreign])} of ${domain.name} is none of its own memory`,
    );
  }
  domain.account.charge(device.mechanism, Event.dmaMap);
  const wanted: Wanted = { device, direction, owner: domain, pfns, mfns, offset, bytes };
  if (device.numbers === 'given out') return mapGivenOut(wanted);
  if (device.numbers === 'guest') return mapAt(wanted, pfn);
  const frames = pfns.map((each) => model.busFrame(each));
  return mapMachine(wanted, frames);
};

/** Tells a device of several buffers. All or nothing. */
export const mapScatterList = (
  device: DmaDevice,
  buffers: readonly DmaBuffer[],
  direction: DmaDirection,
): DmaMapping[] | Finding => {
  const mappings: DmaMapping[] = [];
  for (const buffer of buffers) {
    const mapping = mapBuffer(device, buffer, direction);
    if (isFinding(mapping)) {
      for (const done of mappings) release(done, false);
      return mapping;
    }
    mappings.push(mapping);
  }
  return mappings;
};

/**
 * Tells a device of a frame that another domain granted, by the number that the driver's model entered it at. The hypervisor told its
 * machine frame when it was mapped, so that no look-up is needed, nor right in what P==M makes of a guest frame.
 */
export const mapGranted = (device: DmaDevice, entered: number, direction: DmaDirection): DmaMapping | Finding => {
  const { domain } = device;
  const { host, model } = domain;
  const mfn = model.frameBehindEntry(entered);
  const owner = mfn === NO_FRAME ? undefined : host.domains.get(host.frames.owner(mfn));
  if (owner === undefined) return refusal(device, 'granted', `nothing of another domain is at ${hex(entered)}`);
  domain.account.charge(device.mechanism, Event.dmaMap);
  const pfns = [host.frames.guestFrame(mfn)];
  const bytes = host.simulation.platform.pageBytes;
  const wanted: Wanted = { device, direction, owner, pfns, mfns: [mfn], offset: 0, bytes };
  if (device.numbers === 'given out') return mapGivenOut(wanted);
  return device.numbers === 'guest' ? mapAt(wanted, entered) : mapMachine(wanted, [mfn]);
};

/** The driver takes a buffer back: what the device wrote to a copy is copied, and its address leads nowhere any more. */
export const unmapBuffer = (mapping: DmaMapping): void => release(mapping, true);

const release = (mapping: DmaMapping, withData: boolean): void => {
  const { device, slot, address, pfns, owner } = mapping;
  const { account, host } = device.domain;
  const { pageBytes } = host.simulation.platform;
  if (!device.mappings.delete(mapping)) throw new Error(`${device.name} has no such mapping`);
  if (slot !== NO_SLOT) {
    if (withData && mapping.direction !== 'to device') copyBack(mapping);
    returnSlots(mapping);
    return;
  }
  for (const pfn of pfns) host.frames.addPins(owner.model.machineFrame(pfn), -1);
  if (device.numbers !== 'given out') return;
  account.charge(Mechanism.iommu, Event.hypercall);
  const page = Math.floor(address / pageBytes);
  device.context!.clearRun(page, pfns.length, device);
};

/** By machine frames, without an IOMMU or with one that leaves them as they are. */
const mapMachine = (wanted: Wanted, frames: readonly Mfn[]): DmaMapping | Finding => {
  const { device, offset, bytes } = wanted;
  const address = frames[0] * device.domain.host.simulation.platform.pageBytes + offset;
  const contiguous = frames.every((frame, index) => frame === frames[0] + index);
  if (contiguous && device.canAddress(address, bytes)) return mapAt(wanted, frames[0]);
  const mapping = bounce(wanted);
  if (!isFinding(mapping)) device.mappings.add(mapping);
  return mapping;
};

/** By addresses that the driver gives out, and a hypercall that puts the frames there. */
const mapGivenOut = (wanted: Wanted): DmaMapping | Finding => {
  const { device, mfns, direction } = wanted;
  const { account, host } = device.domain;
  const writes = direction !== 'to device';
  const without = mfns.find((mfn) => {
    const right = device.context!.rightTo(mfn);
    return right === 'none' || (writes && right === 'read');
  });
  if (without !== undefined) {
    return refusal(device, 'own-or-granted', `no right to frame ${hex(without)}, ${host.describeOwner(without)}`);
  }
  const page = device.iova.take(mfns.length);
  if (page === NO_PAGE) return refusal(device, 'iova-space', `no ${mfns.length} addresses in a run are left`);
  account.charge(Mechanism.iommu, Event.hypercall);
  account.charge(Mechanism.iommu, Event.p2mLookup, mfns.length);
  let done = 0;
  while (done < mfns.length) {
    let run = 1;
    while (done + run < mfns.length && mfns[done + run] === mfns[done] + run) run += 1;
    if (!device.context!.setRun(page + done, asMfn(mfns[done]), run, writes)) {
      device.context!.clearRun(page, mfns.length, device);
      return refusal(device, 'iommu-tables', `${host.name} has no frame for a page of its IOMMU table`);
    }
    done += run;
  }
  return mapAt(wanted, page);
};

/** By pages from `page` on, which are contiguous. */
const mapAt = (wanted: Wanted, page: number): DmaMapping | Finding => {
  const { device, direction, owner, pfns, mfns, offset, bytes } = wanted;
  const { host } = device.domain;
  const address = page * host.simulation.platform.pageBytes + offset;
  if (!device.canAddress(address, bytes)) {
    return refusal(device, 'address-mask', `address ${hex(address)} has more than ${device.addressBits} bits`);
  }
  for (const mfn of mfns) host.frames.addPins(mfn, 1);
  const mapping: DmaMapping = { device, direction, address, bytes, owner, pfns, offset, slot: NO_SLOT, slots: 0 };
  device.mappings.add(mapping);
  return mapping;
};

const refusal = ({ name, domain }: DmaDevice, rule: string, detail: string): Finding => ({
  operation: 'map for DMA',
  model: domain.model.id,
  rule,
  detail: `${name}: ${detail}`,
});
