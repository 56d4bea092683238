import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';

/**
 * A data TLB, fully associative, replaced round robin, tagged by region id. An entry covers 2^log2Pages pages and is
 * aligned to its size. Entries of every size are found through one hash of their first page.
 */
export class Tlb implements Checkpointed {
  readonly entries: number;
  readonly rid: Int32Array;
  readonly vpn: Uint32Array;
  readonly mfn: Uint32Array;
  readonly log2Pages: Uint8Array;
  readonly writable: Uint8Array;
  readonly #head: Int16Array;
  readonly #next: Int16Array;
  readonly #hashMask: number;
  /** Entries of each size, so that a look-up tries only sizes that are there. */
  readonly #ofSize: Uint16Array;
  readonly #arena: Arena;
  #largestSize = 0;
  #victim = 0;

  constructor(arena: Arena, entries: number) {
    this.#arena = arena;
    this.entries = entries;
    this.rid = arena.int32(entries).fill(-1);
    this.vpn = arena.uint32(entries);
    this.mfn = arena.uint32(entries);
    this.log2Pages = arena.uint8(entries);
    this.writable = arena.uint8(entries);
    const buckets = 2 ** Math.ceil(Math.log2(entries * 2));
    this.#head = arena.int16(buckets).fill(-1);
    this.#next = arena.int16(entries).fill(-1);
    this.#hashMask = buckets - 1;
    this.#ofSize = arena.uint16(32);
  }

  /** The slot that translates the page, or −1. */
  find(rid: number, vpn: number): number {
    const next = this.#next;
    for (let size = 0; size <= this.#largestSize; size += 1) {
      if (this.#ofSize[size] === 0) continue;
      const first = ((vpn >>> size) << size) >>> 0;
      let slot = this.#head[this.#bucket(rid, first)];
      while (slot >= 0) {
        if (this.vpn[slot] === first && this.rid[slot] === rid && this.log2Pages[slot] === size) return slot;
        slot = next[slot];
      }
    }
    return -1;
  }

  /**
   * Puts an entry in, in place of what overlaps it and of the next victim, and returns its slot. `vpn` and `mfn` are
   * those of its first page.
   */
  insert(rid: number, vpn: number, mfn: number, log2Pages: number, writable: boolean): number {
    if (log2Pages > 0) this.#dropInside(rid, vpn, log2Pages);
    const slot = this.#victim;
    this.#victim = slot + 1 === this.entries ? 0 : slot + 1;
    if (this.rid[slot] >= 0) this.#drop(slot);
    this.rid[slot] = rid;
    this.vpn[slot] = vpn;
    this.mfn[slot] = mfn;
    this.log2Pages[slot] = log2Pages;
    this.writable[slot] = writable ? 1 : 0;
    const bucket = this.#bucket(rid, vpn);
    this.#next[slot] = this.#head[bucket];
    this.#head[bucket] = slot;
    this.#ofSize[log2Pages] += 1;
    if (log2Pages > this.#largestSize) this.#largestSize = log2Pages;
    return slot;
  }

  /** Drops the entry that translates the page, if there is one. */
  purge(rid: number, vpn: number): boolean {
    const slot = this.find(rid, vpn);
    if (slot < 0) return false;
    this.#drop(slot);
    return true;
  }

  flush(): void {
    this.rid.fill(-1);
    this.#head.fill(-1);
    this.#ofSize.fill(0);
    this.#largestSize = 0;
  }

  checkpoint(archive: Archive): void {
    archive.view('rid', this.rid);
    archive.view('vpn', this.vpn);
    archive.view('mfn', this.mfn);
    archive.view('log2Pages', this.log2Pages);
    archive.view('writable', this.writable);
    archive.view('head', this.#head);
    archive.view('next', this.#next);
    archive.view('ofSize', this.#ofSize);
    this.#largestSize = archive.value('largestSize', this.#largestSize);
    this.#victim = archive.value('victim', this.#victim);
  }

  /** Gives its memory back. It is of no use afterwards. */
  release(): void {
    const { rid, vpn, mfn, log2Pages, writable } = this;
    this.#arena.free(rid, vpn, mfn, log2Pages, writable, this.#head, this.#next, this.#ofSize);
  }

  #bucket(rid: number, vpn: number): number {
    const mixed = Math.imul(vpn ^ Math.imul(rid, 0x9e3779b1), 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#hashMask;
  }

  #drop(slot: number): void {
    const bucket = this.#bucket(this.rid[slot], this.vpn[slot]);
    if (this.#head[bucket] === slot) {
      this.#head[bucket] = this.#next[slot];
    } else {
      let before = this.#head[bucket];
      while (this.#next[before] !== slot) before = this.#next[before];
      this.#next[before] = this.#next[slot];
    }
    this.#ofSize[this.log2Pages[slot]] -= 1;
    this.rid[slot] = -1;
  }

  #dropInside(rid: number, vpn: number, log2Pages: number): void {
    for (let slot = 0; slot < this.entries; slot += 1) {
      if (this.rid[slot] === rid && this.vpn[slot] >= vpn && this.vpn[slot] < vpn + 2 ** log2Pages) this.#drop(slot);
    }
  }
}
