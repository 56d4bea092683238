import { NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';

/**
 * What a guest knows that it did: the stamp it last wrote to each of its frames, and which of its frames it put at each
 * page of its program. It is kept beside the engine's tables and never read by them, so that it can convict them.
 */
export class GuestLog {
  #stamps = new Uint32Array(1024);
  #pages = new Int32Array(1024).fill(NO_FRAME);

  /** 0 when the guest never wrote it. */
  stamp(pfn: Pfn): number {
    return pfn < this.#stamps.length ? this.#stamps[pfn] : 0;
  }

  wrote(pfn: Pfn, stamp: number): void {
    if (pfn >= this.#stamps.length) {
      const grown = new Uint32Array(2 ** Math.ceil(Math.log2(pfn + 1)));
      grown.set(this.#stamps);
      this.#stamps = grown;
    }
    this.#stamps[pfn] = stamp;
  }

  /** Calls back for every guest frame that has contents of the guest's, in ascending order. */
  forEachWritten(visit: (pfn: Pfn) => void): void {
    this.#stamps.forEach((stamp, pfn) => {
      if (stamp !== 0) visit(asPfn(pfn));
    });
  }

  /** The guest frame at a page of the program, or `NO_FRAME`. */
  mapped(vpn: number): Pfn {
    return asPfn(vpn < this.#pages.length ? this.#pages[vpn] : NO_FRAME);
  }

  map(vpn: number, pfn: number): void {
    if (vpn >= this.#pages.length) {
      const grown = new Int32Array(2 ** Math.ceil(Math.log2(vpn + 1))).fill(NO_FRAME);
      grown.set(this.#pages);
      this.#pages = grown;
    }
    this.#pages[vpn] = pfn;
  }

  /** Calls back for every mapped page of the program, in ascending order. */
  forEachMapped(visit: (vpn: number, pfn: Pfn) => void): void {
    this.#pages.forEach((pfn, vpn) => {
      if (pfn !== NO_FRAME) visit(vpn, asPfn(pfn));
    });
  }
}
