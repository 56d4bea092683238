import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';

/** Frames and pages that it has room for at first. */
const LEAST = 1024;

/**
 * What a guest knows that it did: the stamp it last wrote to each of its frames, and which of its frames it put at each
 * page of its program. It is kept beside the engine's tables and never read by them, so that it can convict them.
 */
export class GuestLog implements Checkpointed {
  readonly #arena: Arena;
  #stamps: Uint32Array;
  #pages: Int32Array;
  /** Domains that the guest is: two while it moves. */
  #holders = 1;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#stamps = arena.uint32(LEAST);
    this.#pages = arena.int32(LEAST).fill(NO_FRAME);
  }

  /** The same log for the domain that the guest arrives in. */
  shared(): this {
    this.#holders += 1;
    return this;
  }

  /** One domain less that the guest is; the last one gives the memory back. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    this.#arena.free(this.#stamps, this.#pages);
    this.#stamps = new Uint32Array(0);
    this.#pages = new Int32Array(0);
  }

  /** 0 when the guest never wrote it. */
  stamp(pfn: Pfn): number {
    return pfn < this.#stamps.length ? this.#stamps[pfn] : 0;
  }

  wrote(pfn: Pfn, stamp: number): void {
    if (pfn >= this.#stamps.length) {
      const grown = this.#arena.uint32(2 ** Math.ceil(Math.log2(pfn + 1)));
      grown.set(this.#stamps);
      this.#arena.free(this.#stamps);
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
      const grown = this.#arena.int32(2 ** Math.ceil(Math.log2(vpn + 1))).fill(NO_FRAME);
      grown.set(this.#pages);
      this.#arena.free(this.#pages);
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

  checkpoint(archive: Archive): void {
    const stamps = archive.resized('stamps', this.#stamps, (length) => this.#arena.uint32(length));
    const pages = archive.resized('pages', this.#pages, (length) => this.#arena.int32(length));
    if (archive.reading) this.#arena.free(this.#stamps, this.#pages);
    this.#stamps = stamps;
    this.#pages = pages;
    this.#holders = archive.value('holders', this.#holders);
  }
}
