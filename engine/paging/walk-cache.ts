import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME } from '../host/frame-number.js';
import { type RadixFormat, prefixAt } from './format.js';

/**
 * Paging-structure caches: for each level above the last, a small fully associative cache with least recently used
 * replacement, from the high bits of a page number to the table that the entry at this level points to. Under nested
 * paging they are *combined*: they keep the machine frame of the guest's table, which saves its second-stage walk too.
 */
export class WalkCache implements Checkpointed {
  readonly format: RadixFormat;
  readonly slots: number;
  /** −1 in an empty slot. */
  readonly tag: Int32Array;
  /** Level of the cached entry, 1 and up. */
  readonly level: Uint8Array;
  readonly prefix: Float64Array;
  /** The table below, in the numbers of the tables' own dimension, and its machine frame. */
  readonly tableFrame: Float64Array;
  readonly machineFrame: Float64Array;
  /** Whether the walker may set flags in the table below. */
  readonly writable: Uint8Array;
  readonly #start: readonly number[];
  readonly #lastUse: Float64Array;
  readonly #arena: Arena;
  #time = 0;

  /** `entries[k]` slots for the entries of level k + 1: on x86-64 PDEs, PDPTEs and PML4Es in this order. */
  constructor(arena: Arena, format: RadixFormat, entries: readonly number[]) {
    this.#arena = arena;
    this.format = format;
    const start = [0];
    for (const count of entries.slice(0, format.levels - 1)) start.push(start.at(-1)! + count);
    this.#start = start;
    this.slots = start.at(-1)!;
    this.tag = arena.int32(this.slots).fill(-1);
    this.level = arena.uint8(this.slots);
    this.prefix = arena.float64(this.slots);
    this.tableFrame = arena.float64(this.slots).fill(NO_FRAME);
    this.machineFrame = arena.float64(this.slots).fill(NO_FRAME);
    this.writable = arena.uint8(this.slots);
    this.#lastUse = arena.float64(this.slots);
  }

  /** The slot of the lowest cached table on the page's way, or −1. */
  find(tag: number, page: number): number {
    for (let level = 1; level < this.#start.length; level += 1) {
      const slot = this.#at(tag, level, prefixAt(this.format, page, level));
      if (slot < 0) continue;
      this.#time += 1;
      this.#lastUse[slot] = this.#time;
      return slot;
    }
    return -1;
  }

  /** Keeps which table the page's entry at the level points to. */
  insert(tag: number, page: number, level: number, tableFrame: number, machineFrame: number, writable: boolean): void {
    if (level >= this.#start.length || this.#start[level] === this.#start[level - 1]) return;
    const prefix = prefixAt(this.format, page, level);
    const known = this.#at(tag, level, prefix);
    const slot = known < 0 ? this.#victim(level) : known;
    this.#time += 1;
    this.#lastUse[slot] = this.#time;
    this.tag[slot] = tag;
    this.level[slot] = level;
    this.prefix[slot] = prefix;
    this.tableFrame[slot] = tableFrame;
    this.machineFrame[slot] = machineFrame;
    this.writable[slot] = writable ? 1 : 0;
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
    archive.view('level', this.level);
    archive.view('prefix', this.prefix);
    archive.view('tableFrame', this.tableFrame);
    archive.view('machineFrame', this.machineFrame);
    archive.view('writable', this.writable);
    archive.view('lastUse', this.#lastUse);
    this.#time = archive.value('time', this.#time);
  }

  /** Gives its memory back. It is of no use afterwards. */
  release(): void {
    const { tag, level, prefix, tableFrame, machineFrame, writable } = this;
    this.#arena.free(tag, level, prefix, tableFrame, machineFrame, writable, this.#lastUse);
  }

  #at(tag: number, level: number, prefix: number): number {
    for (let slot = this.#start[level - 1]; slot < this.#start[level]; slot += 1) {
      if (this.tag[slot] === tag && this.prefix[slot] === prefix) return slot;
    }
    return -1;
  }

  #victim(level: number): number {
    let victim = this.#start[level - 1];
    for (let slot = victim; slot < this.#start[level]; slot += 1) {
      if (this.tag[slot] < 0) return slot;
      if (this.#lastUse[slot] < this.#lastUse[victim]) victim = slot;
    }
    return victim;
  }
}
