import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn } from '../host/frame-number.js';
import { DmaDevice } from './dma-device.js';
import { mapBuffer, unmapBuffer } from './dma-map.js';
import type { DmaDirection, DmaMapping } from './dma-mapping.js';
import { readByDevice, writeByDevice } from './transfer.js';

/**
 * A network device that its domain programs by DMA: one mapping for each segment, at the address that the domain's
 * memory model gives for its own frame. The device reaches whatever machine frame it is told.
 */
export class Nic {
  readonly #driver: Domain;
  readonly #device: DmaDevice;
  readonly #segments: number;

  /** `device` is one that was assigned to the driver; by default one of 64-bit addresses and without an IOMMU. */
  constructor(driver: Domain, device: DmaDevice | null = null) {
    const spec = { name: 'NIC', addressBits: 64, mechanism: Mechanism.network };
    this.#driver = driver;
    this.#device = device ?? new DmaDevice(driver, spec, null);
    const { pageBytes, segmentBytes } = driver.host.simulation.platform;
    this.#segments = Math.ceil(pageBytes / segmentBytes);
  }

  /** Sends one frame of the driver's memory: the contents that the device read. */
  transmit(pfn: Pfn): number {
    const plain = this.#programPlainly(pfn);
    if (plain !== NO_FRAME) return this.#driver.host.frames.contents(plain);
    let sent = 0;
    this.#forEachSegment(pfn, 'to device', (segment) => {
      const read = readByDevice(segment);
      if (isFinding(read)) throw new Error(read.detail);
      [sent] = read;
    });
    return sent;
  }

  /** Receives a page's contents into one frame of the driver's memory. */
  receive(pfn: Pfn, stamp: number): void {
    const plain = this.#programPlainly(pfn);
    if (plain !== NO_FRAME) {
      this.#driver.host.frames.setContents(plain, stamp);
      this.#driver.filledByDevice(pfn, stamp);
      return;
    }
    this.#forEachSegment(pfn, 'from device', (segment) => {
      const refusal = writeByDevice(segment, [stamp]);
      if (refusal !== null) throw new Error(refusal.detail);
    });
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
    account.charge(Mechanism.network, Event.dmaMap, this.#segments);
    return mfn;
  }

  #forEachSegment(pfn: Pfn, direction: DmaDirection, pass: (segment: DmaMapping) => void): void {
    const { account, host } = this.#driver;
    const { pageBytes, segmentBytes } = host.simulation.platform;
    for (let segment = 0; segment < this.#segments; segment += 1) {
      const offset = segment * segmentBytes;
      const buffer = { pfn, offset, bytes: Math.min(segmentBytes, pageBytes - offset) };
      const mapping = mapBuffer(this.#device, buffer, direction);
      if (isFinding(mapping)) throw new Error(mapping.detail);
      pass(mapping);
      unmapBuffer(mapping);
    }
    account.charge(Mechanism.network, Event.segmentSend, this.#segments);
  }
}
