import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { type RadixFormat, offsetAt, prefixAt } from './format.js';
import type { Translation } from './translation.js';

/** A set-associative array of entries of one size. `sets` is a power of two; no ways mean that the size is not kept. */
export interface TlbArray {
  readonly sets: number;
  readonly ways: number;
}

/**
 * A TLB with an array a page size and least recently used replacement in each set. Entries are tagged by address space;
 * the nested TLB is one too, tagged by virtual machine. Fields are read by the audit; only methods write them.
 */
export class RadixTlb implements Checkpointed {
  readonly format: RadixFormat;
  readonly slots: number;
  /** −1 in an empty slot. */
  readonly tag: Int32Array;
  /** The page number over the pages of the entry's size. */
  readonly prefix: Float64Array;
  readonly level: Uint8Array;
  /** The first frame of the run. */
  readonly frame: Float64Array;
  readonly writable: Uint8Array;
  /** Whether a write needs no walk to set the dirty flag. */
  readonly dirty: Uint8Array;
  readonly #arrays: readonly TlbArray[];
  readonly #start: readonly number[];
  readonly #lastUse: Float64Array;
  readonly #arena: Arena;
  #time = 0;

  /** `arrays[k]` keeps entries of level k; where none is given, a larger run is kept in the next smaller size. */
  constructor(arena: Arena, format: RadixFormat, arrays: readonly TlbArray[]) {
    this.#arena = arena;
    this.format = format;
    this.#arrays = arrays;
    let slots = 0;
    this.#start = arrays.map(({ sets, ways }) => {
      slots += sets * ways;
      return slots - sets * ways;
    });
    this.slots = slots;
    this.tag = arena.int32(slots).fill(-1);
    this.prefix = arena.float64(slots);
    this.level = arena.uint8(slots);
    this.frame = arena.float64(slots);
    this.writable = arena.uint8(slots);
    this.dirty = arena.uint8(slots);
    this.#lastUse = arena.float64(slots);
  }

  /** The slot that translates the page, or −1. */
  find(tag: number, page: number): number {
    for (let level = 0; level < this.#arrays.length; level += 1) {
      const { sets, ways } = this.#arrays[level];
      const prefix = prefixAt(this.format, page, level);
      const first = this.#start[level] + (prefix & (sets - 1)) * ways;
      for (let slot = first; slot < first + ways; slot += 1) {
        if (this.tag[slot] !== tag || this.prefix[slot] !== prefix) continue;
        this.#time += 1;
        this.#lastUse[slot] = this.#time;
        return slot;
      }
    }
    return -1;
  }

  /** Whether the slot serves the access without a walk: a write needs both writable and dirty. */
  serves(slot: number, write: boolean): boolean {
    return !write || (this.writable[slot] === 1 && this.dirty[slot] === 1);
  }

  /** The frame that the slot gives for the page that it translates. */
  frameOf(slot: number, page: number): number {
    return this.frame[slot] + offsetAt(this.format, page, this.level[slot]);
  }

  /** What the slot gives for the page that it translates. */
  read(slot: number, page: number, into: Translation): void {
    into.frame = this.frameOf(slot, page);
    into.level = this.level[slot];
    into.writable = this.writable[slot] === 1;
    into.dirty = this.dirty[slot] === 1;
  }

  /**
   * Keeps what was found for the page, in a run of the level's size, in place of what translated the page before and,
   * when the set is full, of the entry that was used longest ago.
   */
  insert(tag: number, page: number, { frame, level, writable, dirty }: Translation): void {
    this.flushPage(tag, page);
    let size = Math.min(level, this.#arrays.length - 1);
    while (size > 0 && this.#arrays[size].ways === 0) size -= 1;
    const { sets, ways } = this.#arrays[size];
    if (ways === 0) return;
    const prefix = prefixAt(this.format, page, size);
    const slot = this.#victim(this.#start[size] + (prefix & (sets - 1)) * ways, ways);
    this.#time += 1;
    this.#lastUse[slot] = this.#time;
    this.tag[slot] = tag;
    this.prefix[slot] = prefix;
    this.level[slot] = size;
    this.frame[slot] = frame - offsetAt(this.format, page, size);
    this.writable[slot] = writable ? 1 : 0;
    this.dirty[slot] = dirty ? 1 : 0;
  }

  /** Drops what translates the page, in every size. */
  flushPage(tag: number, page: number): void {
    for (let slot = this.find(tag, page); slot >= 0; slot = this.find(tag, page)) this.tag[slot] = -1;
  }

  /** Drops the entries with tags from `first` to `last`. */
  flushTags(first: number, last: number): void {
    for (let slot = 0; slot < this.slots; slot += 1) {
      if (this.tag[slot] >= first && this.tag[slot] <= last) this.tag[slot] = -1;
    }
  }

  flushAll(): void {
    this.tag.fill(-1);
  }

  checkpoint(archive: Archive): void {
    archive.view('tag', this.tag);
    archive.view('prefix', this.prefix);
    archive.view('level', this.level);
    archive.view('frame', this.frame);
    archive.view('writable', this.writable);
    archive.view('dirty', this.dirty);
    archive.view('lastUse', this.#lastUse);
    this.#time = archive.value('time', this.#time);
  }

  /** Gives its memory back. It is of no use afterwards. */
  release(): void {
    const { tag, prefix, level, frame, writable, dirty } = this;
    this.#arena.free(tag, prefix, level, frame, writable, dirty, this.#lastUse);
  }

  #victim(first: number, ways: number): number {
    let victim = first;
    for (let slot = first; slot < first + ways; slot += 1) {
      if (this.tag[slot] < 0) return slot;
      if (this.#lastUse[slot] < this.#lastUse[victim]) victim = slot;
    }
    return victim;
  }
}
