import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { NO_FRAME } from '../host/frame-number.js';
import { EntryFlag, isLeaf, isLink, isSet, leafFlags, packEntry, entryFrame } from '../host/entry.js';
import { type RadixFormat, indexAt, pagesAt } from './format.js';

/** Where a radix table lives: frames of a guest or of the hypervisor, by the numbers that its entries hold. */
export interface RadixMemory {
  /** Entries of the table in the frame; undefined when there is no table. */
  entriesAt(frame: number): Uint32Array | undefined;
  /** A frame with a zeroed table, or `NO_FRAME`. */
  newTable(): number;
  freeTable(frame: number): void;
  /** Stores one entry, as a write to that frame. */
  store(frame: number, index: number, entry: number): void;
}

/** What a walk over a table counts, by level. */
export interface RadixCounts {
  readonly tables: readonly number[];
  readonly leaves: readonly number[];
}

/** Looks at both ends first, where runs that are taken out page by page leave something until the last. */
const isEmpty = (entries: Uint32Array): boolean =>
  entries[0] === 0 && entries[entries.length - 1] === 0 && entries.every((entry) => entry === 0);

/**
 * A radix page table of n levels with large entries. It holds nothing but its root: all state is in the frames. A large
 * entry that was split stays split until `collapse` is asked for, and tables that became empty stay until `prune` or `release`.
 */
export class RadixTable implements Checkpointed {
  readonly format: RadixFormat;
  #rootFrame: number;
  readonly #memory: RadixMemory;

  /** `rootFrame` is a frame from `memory.newTable()`, or `NO_FRAME`: then nothing is mapped until `makeRoot`. */
  constructor(format: RadixFormat, memory: RadixMemory, rootFrame: number) {
    this.format = format;
    this.#memory = memory;
    this.#rootFrame = rootFrame;
  }

  get rootFrame(): number {
    return this.#rootFrame;
  }

  /** The root is in another frame now. */
  moveRoot(frame: number): void {
    this.#rootFrame = frame;
  }

  /** Takes a frame for the root, where it has none. False when none is left. */
  makeRoot(): boolean {
    if (this.#rootFrame === NO_FRAME) this.#rootFrame = this.#memory.newTable();
    return this.#rootFrame !== NO_FRAME;
  }

  /**
   * Maps the pages that one entry at `level` covers, from `page` on, to the frames from `frame` on; both are aligned to
   * that size. A large entry that holds them is split first; tables below are given back. False when a table was needed
   * and no frame was left.
   */
  map(page: number, frame: number, level: number, writable: boolean): boolean {
    this.#expectAligned(page, level);
    this.#expectAligned(frame, level);
    const table = this.#descend(page, level);
    if (table === NO_FRAME) return false;
    const flags = EntryFlag.present | (writable ? EntryFlag.writable : 0) | (level > 0 ? EntryFlag.large : 0);
    this.#replace(table, indexAt(this.format, page, level), level, packEntry(frame, flags));
    return true;
  }

  /** Maps a run in entries as large as alignment and the format allow. False when a table was needed and none was left. */
  mapRun(page: number, frame: number, count: number, writable: boolean): boolean {
    let done = 0;
    while (done < count) {
      let level = this.format.largestLeaf;
      while (level > 0 && !this.#fits(page + done, frame + done, count - done, level)) level -= 1;
      if (!this.map(page + done, frame + done, level, writable)) return false;
      done += pagesAt(this.format, level);
    }
    return true;
  }

  /** Takes out the pages that one entry at `level` covers. False when a split was needed and no frame was left. */
  unmap(page: number, level: number): boolean {
    this.#expectAligned(page, level);
    if (!this.#reaches(page, level)) return true;
    const table = this.#descend(page, level);
    if (table === NO_FRAME) return false;
    this.#replace(table, indexAt(this.format, page, level), level, 0);
    return true;
  }

  /** Takes out what is mapped of a run, in whole entries. */
  unmapRun(page: number, count: number): void {
    for (let at = page; at < page + count;) {
      const level = this.leafLevel(at);
      if (level >= 0) this.unmap(at, level);
      at += level < 0 ? 1 : pagesAt(this.format, level);
    }
  }

  /** Makes the tables down to the page's own entry, mapped or not; what is large breaks. False when no frame was left. */
  makeEntry(page: number): boolean {
    return this.makeRoot() && this.#descend(page, 0) !== NO_FRAME;
  }

  /** Breaks the large entry of the page into those of the level below. False when there is none, or no frame. */
  split(page: number): boolean {
    const level = this.leafLevel(page);
    return level > 0 && this.#descend(page, level - 1) !== NO_FRAME;
  }

  /**
   * Puts one entry at `level` in place of the table of leaves below it, if they are contiguous, aligned and alike in
   * permission; accessed and dirty if one of them was. Returns whether it did.
   */
  collapse(page: number, level: number): boolean {
    if (level < 1 || level > this.format.largestLeaf) throw new RangeError(`no large entry at level ${level}`);
    const table = this.#tableOf(page, level);
    if (table === NO_FRAME) return false;
    const index = indexAt(this.format, page, level);
    const link = this.#entries(table)[index];
    if (!isLink(link, level)) return false;
    const below = this.#entries(entryFrame(link));
    const step = pagesAt(this.format, level - 1);
    const first = entryFrame(below[0]);
    if (first % pagesAt(this.format, level) !== 0 || !isLeaf(below[below.length - 1], level - 1)) return false;
    let flags: number = EntryFlag.large;
    for (let at = 0; at < below.length; at += 1) {
      const entry = below[at];
      if (!isLeaf(entry, level - 1) || entryFrame(entry) !== first + at * step) return false;
      if (isSet(entry, EntryFlag.writable) !== isSet(below[0], EntryFlag.writable)) return false;
      flags |= leafFlags(entry);
    }
    this.#replace(table, index, level, packEntry(first, flags));
    return true;
  }

  /** Gives back the tables of the page in which nothing is left, the lowest first; the root stays. Returns how many went. */
  prune(page: number): number {
    let pruned = 0;
    for (let level = 0; level < this.format.levels - 1; level += 1) {
      const table = this.#tableOf(page, level);
      if (table === NO_FRAME) continue;
      if (!isEmpty(this.#entries(table))) break;
      this.#replace(this.#tableOf(page, level + 1), indexAt(this.format, page, level + 1), level + 1, 0);
      pruned += 1;
    }
    return pruned;
  }

  /** Sets and clears flags of the page's leaf as it stands, large or not. False when the page is not mapped. */
  changeLeaf(page: number, set: number, clear: number): boolean {
    const level = this.leafLevel(page);
    if (level < 0) return false;
    const table = this.#tableOf(page, level);
    const index = indexAt(this.format, page, level);
    this.#memory.store(table, index, ((this.#entries(table)[index] | set) & ~clear) >>> 0);
    return true;
  }

  /** The level of the page's leaf; −1 when it is not mapped. */
  leafLevel(page: number): number {
    let table = this.rootFrame;
    if (table === NO_FRAME) return -1;
    for (let level = this.format.levels - 1; level >= 0; level -= 1) {
      const entry = this.#entries(table)[indexAt(this.format, page, level)];
      if (!isSet(entry, EntryFlag.present)) return -1;
      if (isLeaf(entry, level)) return level;
      table = entryFrame(entry);
    }
    return -1;
  }

  /** The leaf entry of the page, whose frame is the first of its run; 0 when it is not mapped. */
  leafEntry(page: number): number {
    const level = this.leafLevel(page);
    return level < 0 ? 0 : this.#entries(this.#tableOf(page, level))[indexAt(this.format, page, level)];
  }

  /** Tables and leaves by level, counted in the frames. */
  count(): RadixCounts {
    const tables = Array.from({ length: this.format.levels }, () => 0);
    const leaves = Array.from({ length: this.format.levels }, () => 0);
    this.forEachTable((_, level, entries) => {
      tables[level] += 1;
      for (const entry of entries) if (isLeaf(entry, level)) leaves[level] += 1;
    });
    return { tables, leaves };
  }

  /** Calls back for every table, a parent before its children. */
  forEachTable(visit: (frame: number, level: number, entries: Uint32Array) => void): void {
    const go = (frame: number, level: number): void => {
      const entries = this.#entries(frame);
      visit(frame, level, entries);
      for (const entry of entries) if (isLink(entry, level)) go(entryFrame(entry), level - 1);
    };
    if (this.rootFrame !== NO_FRAME) go(this.rootFrame, this.format.levels - 1);
  }

  /** Calls back for every leaf with its first page, in ascending order. */
  forEachLeaf(visit: (page: number, level: number, entry: number) => void): void {
    const go = (table: number, level: number, first: number): void => {
      const step = pagesAt(this.format, level);
      this.#entries(table).forEach((entry, index) => {
        if (isLeaf(entry, level)) visit(first + index * step, level, entry);
        else if (isLink(entry, level)) go(entryFrame(entry), level - 1, first + index * step);
      });
    };
    if (this.rootFrame !== NO_FRAME) go(this.rootFrame, this.format.levels - 1, 0);
  }

  /** Gives every table back, the root too. */
  release(): void {
    if (this.rootFrame !== NO_FRAME) this.#free(this.rootFrame, this.format.levels - 1);
    this.#rootFrame = NO_FRAME;
  }

  /** Its tables are in frames, whose contents are their owner's. */
  checkpoint(archive: Archive): void {
    this.#rootFrame = archive.value('rootFrame', this.#rootFrame);
  }

  #fits(page: number, frame: number, left: number, level: number): boolean {
    const pages = pagesAt(this.format, level);
    return left >= pages && page % pages === 0 && frame % pages === 0;
  }

  #expectAligned(number: number, level: number): void {
    if (level > this.format.largestLeaf) throw new RangeError(`no leaf at level ${level}`);
    if (number % pagesAt(this.format, level) !== 0) throw new RangeError(`${number} is not aligned to level ${level}`);
  }

  #entries(frame: number): Uint32Array {
    return this.#memory.entriesAt(frame)!;
  }

  /** Whether something is mapped at the page's entry at the level, or above it. */
  #reaches(page: number, level: number): boolean {
    const table = this.#tableOf(page, level);
    return table === NO_FRAME ? this.leafLevel(page) > level : true;
  }

  /** The table at the level that holds the page's entry, or `NO_FRAME`. */
  #tableOf(page: number, level: number): number {
    let table = this.rootFrame;
    for (let at = this.format.levels - 1; at > level; at -= 1) {
      const entry = this.#entries(table)[indexAt(this.format, page, at)];
      if (!isLink(entry, at)) return NO_FRAME;
      table = entryFrame(entry);
    }
    return table;
  }

  /** As `tableOf`, with new tables and splits on the way. */
  #descend(page: number, level: number): number {
    let table = this.rootFrame;
    for (let at = this.format.levels - 1; at > level; at -= 1) {
      const index = indexAt(this.format, page, at);
      const entry = this.#entries(table)[index];
      if (isLink(entry, at)) {
        table = entryFrame(entry);
        continue;
      }
      const below = this.#memory.newTable();
      if (below === NO_FRAME) return NO_FRAME;
      if (isLeaf(entry, at)) this.#spread(entry, at, below);
      this.#memory.store(table, index, packEntry(below, EntryFlag.present | EntryFlag.writable));
      table = below;
    }
    return table;
  }

  /** Fills the table with what the large entry at the level maps; flags stay as they are. */
  #spread(entry: number, level: number, table: number): void {
    const step = pagesAt(this.format, level - 1);
    const flags = leafFlags(entry) | (level > 1 ? EntryFlag.large : 0);
    for (let index = 0; index < 2 ** this.format.indexBits; index += 1) {
      this.#memory.store(table, index, packEntry(entryFrame(entry) + index * step, flags));
    }
  }

  #replace(table: number, index: number, level: number, entry: number): void {
    const before = this.#entries(table)[index];
    this.#memory.store(table, index, entry);
    if (isLink(before, level)) this.#free(entryFrame(before), level - 1);
  }

  #free(table: number, level: number): void {
    for (const entry of this.#entries(table)) if (isLink(entry, level)) this.#free(entryFrame(entry), level - 1);
    this.#memory.freeTable(table);
  }
}
