import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { type Pfn, asPfn } from '../host/frame-number.js';
import { SparseWords } from '../host/sparse-words.js';

/**
 * What a guest knows that it did: the stamp it last wrote to each of its frames, and which of its frames it put at each
 * page of its program. It is kept beside the engine's tables and never read by them, so that it can convict them.
 */
export class GuestLog implements Checkpointed {
  /** By guest frame. */
  readonly #stamps: SparseWords;
  /** The guest frame and one, by page of the program. */
  readonly #pages: SparseWords;
  /** Domains that the guest is: two while it moves. */
  #holders = 1;

  constructor(arena: Arena) {
    this.#stamps = new SparseWords(arena);
    this.#pages = new SparseWords(arena);
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
    this.#stamps.release();
    this.#pages.release();
  }

  /** 0 when the guest never wrote it. */
  stamp(pfn: Pfn): number {
    return this.#stamps.get(pfn);
  }

  wrote(pfn: Pfn, stamp: number): void {
    this.#stamps.set(pfn, stamp);
  }

  /** Calls back for every guest frame that has contents of the guest's, in ascending order. */
  forEachWritten(visit: (pfn: Pfn) => void): void {
    this.#stamps.forEach((pfn) => visit(asPfn(pfn)));
  }

  /** The guest frame at a page of the program, or `NO_FRAME`. */
  mapped(vpn: number): Pfn {
    return asPfn(this.#pages.get(vpn) - 1);
  }

  map(vpn: number, pfn: number): void {
    this.#pages.set(vpn, pfn + 1);
  }

  /** Calls back for every mapped page of the program, in ascending order. */
  forEachMapped(visit: (vpn: number, pfn: Pfn) => void): void {
    this.#pages.forEach((vpn, word) => visit(vpn, asPfn(word - 1)));
  }

  checkpoint(archive: Archive): void {
    archive.part('stamps', this.#stamps);
    archive.part('pages', this.#pages);
    this.#holders = archive.value('holders', this.#holders);
  }
}
