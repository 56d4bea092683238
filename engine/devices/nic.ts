import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import type { Pfn } from '../host/frame-number.js';

/**
 * A network device that its domain programs by DMA: one mapping for each segment, at the address that the domain's
 * memory model gives for its own frame. The device reaches whatever machine frame it is told.
 */
export class Nic {
  readonly #driver: Domain;
  readonly #segments: number;

  constructor(driver: Domain) {
    this.#driver = driver;
    const { pageBytes, segmentBytes } = driver.host.simulation.platform;
    this.#segments = Math.ceil(pageBytes / segmentBytes);
  }

  /** Sends one frame of the driver's memory: the contents that the device read. */
  transmit(pfn: Pfn): number {
    return this.#driver.host.frames.contents(this.#program(pfn));
  }

  /** Receives a page's contents into one frame of the driver's memory. */
  receive(pfn: Pfn, stamp: number): void {
    this.#driver.host.frames.setContents(this.#program(pfn), stamp);
    this.#driver.filledByDevice(pfn, stamp);
  }

  #program(pfn: Pfn): ReturnType<Domain['model']['busFrame']> {
    const { account, model } = this.#driver;
    let mfn = model.busFrame(pfn);
    for (let segment = 1; segment < this.#segments; segment += 1) mfn = model.busFrame(pfn);
    account.charge(Mechanism.network, Event.segmentSend, this.#segments);
    account.charge(Mechanism.network, Event.dmaMap, this.#segments);
    return mfn;
  }
}
