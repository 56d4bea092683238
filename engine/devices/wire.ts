import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** What happens to a wire on the way. Bytes are those that it has carried since it was made. */
export interface WireFate {
  /** From so many bytes on it is this fast. */
  readonly slows?: { readonly afterBytes: number; readonly bitsPerSecond: number };
  /** It fails at a moment of virtual time, or once it has carried so many bytes, and stays so. */
  readonly fails?: { readonly atNs: number } | { readonly afterBytes: number };
}

/**
 * The wire between two hosts: a page at a time, first come, first served. Migrations that share it each have no more
 * than a socket buffer of pages waiting for it, so that each gets the same share of it while all have pages to send.
 */
export class Wire implements Checkpointed {
  readonly #bitsPerSecond: number;
  readonly #slows: WireFate['slows'];
  readonly #failsAfterBytes: number;
  #downNs: number;
  #freeNs = 0;
  #bytes = 0;

  constructor(bitsPerSecond: number, { slows, fails }: WireFate = {}) {
    this.#bitsPerSecond = bitsPerSecond;
    this.#slows = slows;
    this.#downNs = fails !== undefined && 'atNs' in fails ? fails.atNs : Infinity;
    this.#failsAfterBytes = fails !== undefined && 'afterBytes' in fails ? fails.afterBytes : Infinity;
  }

  /** Bytes that it has carried. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From when on nothing gets through: Infinity as long as that is not known. */
  get downNs(): number {
    return this.#downNs;
  }

  /**
   * Puts bytes that are ready at a moment onto the wire. Returns when the last of them is through, or Infinity when it
   * failed before that.
   */
  carry(bytes: number, readyNs: number): number {
    const startNs = Math.max(readyNs, this.#freeNs);
    if (this.#bytes + bytes > this.#failsAfterBytes) this.#downNs = Math.min(this.#downNs, startNs);
    const slow = this.#slows !== undefined && this.#bytes >= this.#slows.afterBytes;
    const endNs = startNs + (bytes * 8 * 1e9) / (slow ? this.#slows.bitsPerSecond : this.#bitsPerSecond);
    if (endNs > this.#downNs) return Infinity;
    this.#bytes += bytes;
    this.#freeNs = endNs;
    return endNs;
  }

  /** What it has carried; its speed and its fate are whoever's who makes it. */
  checkpoint(archive: Archive): void {
    this.#downNs = archive.value('downNs', this.#downNs);
    this.#freeNs = archive.value('freeNs', this.#freeNs);
    this.#bytes = archive.value('bytes', this.#bytes);
  }
}
