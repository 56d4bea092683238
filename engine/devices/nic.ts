import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn } from '../host/frame-number.js';
import { DmaDevice } from './dma-device.js';
import { mapBuffer, mapGranted, unmapBuffer } from './dma-map.js';
import type { DmaMapping } from './dma-mapping.js';
import type { PagedDevice } from './paged-device.js';
import { readByDevice, writeByDevice } from './transfer.js';

/** Tells the device of one segment, from `offset` of the page on. */
type MapSegment = (offset: number, bytes: number) => DmaMapping | Finding;

/**
 * A network device that its domain programs by DMA: one mapping for each segment, at the address that the domain's
 * memory model gives for its own frame. The device reaches whatever machine frame it is told.
 */
export class Nic implements PagedDevice {
  readonly #driver: Domain;
  readonly #device: DmaDevice;
  readonly #bytes: number;
  readonly #segments: number;

  /**
   * `device` is one that was assigned to the driver; by default one of 64-bit addresses and without an IOMMU. `bytes` of each page are
   * sent, by default all.
   */
  constructor(driver: Domain, device: DmaDevice | null = null, bytes?: number) {
    const spec = { name: 'NIC', addressBits: 64, mechanism: Mechanism.network };
    const { pageBytes, segmentBytes } = driver.host.simulation.platform;
    this.#driver = driver;
    this.#device = device ?? new DmaDevice(driver, spec, null);
    this.#bytes = bytes ?? pageBytes;
    this.#segments = Math.ceil(this.#bytes / segmentBytes);
  }

  transmit(pfn: Pfn): number | Finding {
    const plain = this.#programPlainly(pfn);
    if (plain !== NO_FRAME) {
      this.#driver.host.memoryWatch?.touched(this.#device, plain, this.#bytes, false);
      return this.#driver.host.frames.contents(plain);
    }
    return this.#read((offset, bytes) => mapBuffer(this.#device, { pfn, offset, bytes }, 'to device'));
  }

  receive(pfn: Pfn, stamp: number): Finding | null {
    const plain = this.#programPlainly(pfn);
    if (plain !== NO_FRAME) {
      this.#driver.host.frames.setContents(plain, stamp);
      this.#driver.host.memoryWatch?.touched(this.#device, plain, this.#bytes, true);
      this.#driver.filledByDevice(pfn, stamp);
      return null;
    }
    return this.#write((offset, bytes) => mapBuffer(this.#device, { pfn, offset, bytes }, 'from device'), stamp);
  }

  transmitMapped(entered: number): number | Finding {
    return this.#read(() => mapGranted(this.#device, entered, 'to device'));
  }

  receiveMapped(entered: number, stamp: number): Finding | null {
    return this.#write(() => mapGranted(this.#device, entered, 'from device'), stamp);
  }

  /**
   * Without an IOMMU, and where the device can address all memory, a mapping is a look-up and leaves nothing behind when it is undone
   * at once: done here without making one, since migrations send every page so. Returns the frame, or `NO_FRAME` where it is not so.
   */
  #programPlainly(pfn: Pfn): Mfn {
    const { account, model } = this.#driver;
    if (this.#device.context !== null || this.#device.addressBits < 64) return asMfn(NO_FRAME);
    let mfn = model.busFrame(pfn);
    for (let segment = 1; segment < this.#segments; segment += 1) mfn = model.busFrame(pfn);
    account.charge(Mechanism.network, Event.segmentSend, this.#segments);
    account.charge(this.#device.mechanism, Event.dmaMap, this.#segments);
    return mfn;
  }

  #read(map: MapSegment): number | Finding {
    let sent = 0;
    const refusal = this.#forEachSegment(map, (segment) => {
      const read = readByDevice(segment);
      if (isFinding(read)) return read;
      [sent] = read;
      return null;
    });
    return refusal ?? sent;
  }

  #write(map: MapSegment, stamp: number): Finding | null {
    return this.#forEachSegment(map, (segment) => writeByDevice(segment, [stamp]));
  }

  #forEachSegment(map: MapSegment, pass: (segment: DmaMapping) => Finding | null): Finding | null {
    const { account, host } = this.#driver;
    const { segmentBytes } = host.simulation.platform;
    for (let segment = 0; segment < this.#segments; segment += 1) {
      const offset = segment * segmentBytes;
      const mapping = map(offset, Math.min(segmentBytes, this.#bytes - offset));
      if (isFinding(mapping)) return mapping;
      const refusal = pass(mapping);
      unmapBuffer(mapping);
      if (refusal !== null) return refusal;
    }
    account.charge(Mechanism.network, Event.segmentSend, this.#segments);
    return null;
  }
}
