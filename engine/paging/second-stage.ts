import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { NO_FRAME } from '../host/frame-number.js';
import { EntryFlag, isSet, entryFrame } from '../host/entry.js';
import { pagesAt } from './format.js';
import type { RadixTable } from './radix-table.js';

/** Drops what an MMU keeps of a virtual machine: all that one guest frame has a part in, or everything. */
export interface SecondStageFlush {
  guestFrame(guestFrame: number): void;
  machine(): void;
}

/**
 * The second stage of one virtual machine as its hypervisor keeps it: guest frame → machine frame, in entries as large as the
 * memory it was given allows. What takes one page out, enters one of another machine, or logs one write breaks a large entry, and
 * the pieces stay. A flush goes with every change that takes a right or a frame away.
 */
export class SecondStage implements Checkpointed {
  readonly table: RadixTable;
  readonly #flush: SecondStageFlush;
  /** Guest frames that hold memory of others; log-dirty leaves them alone. */
  readonly #foreign = new Set<number>();
  #logging = false;

  constructor(table: RadixTable, flush: SecondStageFlush) {
    this.table = table;
    this.#flush = flush;
  }

  get isLogging(): boolean {
    return this.#logging;
  }

  /** The machine frame behind a guest frame, or `NO_FRAME`. */
  machineFrame(guestFrame: number): number {
    const level = this.table.leafLevel(guestFrame);
    if (level < 0) return NO_FRAME;
    return entryFrame(this.table.leafEntry(guestFrame)) + (guestFrame % pagesAt(this.table.format, level));
  }

  /**
   * Gives `pages` guest frames from `first` on memory, each time in the largest entry that alignment, what is left, and the
   * heap allow. `allocate` returns the first of 2^order frames, aligned, or `NO_FRAME`. Returns how many got memory.
   */
  populate(first: number, pages: number, allocate: (order: number) => number): number {
    const { format } = this.table;
    let done = 0;
    let level = format.largestLeaf;
    while (done < pages) {
      const size = pagesAt(format, level);
      const fits = (first + done) % size === 0 && pages - done >= size;
      const frame = fits ? allocate(level * format.indexBits) : NO_FRAME;
      if (frame === NO_FRAME) {
        if (level === 0) return done;
        level -= 1;
        continue;
      }
      if (!this.table.map(first + done, frame, level, !this.#logging)) return done;
      done += size;
      while (level < format.largestLeaf && (first + done) % pagesAt(format, level + 1) === 0) level += 1;
    }
    return done;
  }

  /** Takes one guest frame out: ballooned, unmapped, paged out. False when a large entry must break and no table is left. */
  takeOut(guestFrame: number): boolean {
    if (!this.table.unmap(guestFrame, 0)) return false;
    this.#foreign.delete(guestFrame);
    this.#flush.guestFrame(guestFrame);
    return true;
  }

  /** Puts one machine frame of its own at a guest frame, in an entry of its own. False when no table is left. */
  put(guestFrame: number, machineFrame: number): boolean {
    if (!this.table.map(guestFrame, machineFrame, 0, !this.#logging)) return false;
    this.#foreign.delete(guestFrame);
    this.#flush.guestFrame(guestFrame);
    return true;
  }

  /** Enters a frame of another domain. False when no table is left. */
  enterForeign(guestFrame: number, machineFrame: number, writable: boolean): boolean {
    if (!this.table.map(guestFrame, machineFrame, 0, writable)) return false;
    this.#foreign.add(guestFrame);
    this.#flush.guestFrame(guestFrame);
    return true;
  }

  /** Write-protects all own memory, entries as large as they are. Returns the entries changed. */
  beginLogging(): number {
    this.#logging = true;
    return this.#allowAll(false);
  }

  /**
   * Serves a second-stage write fault: under logging, breaks the entry down to the page and allows writes to it. False when the
   * guest frame is not one whose writes are logged, and when no table is left.
   */
  logWrite(guestFrame: number): boolean {
    if (!this.#logging || this.#foreign.has(guestFrame) || this.table.leafLevel(guestFrame) < 0) return false;
    while (this.table.leafLevel(guestFrame) > 0) if (!this.table.split(guestFrame)) return false;
    this.table.changeLeaf(guestFrame, EntryFlag.writable, 0);
    this.#flush.guestFrame(guestFrame);
    return true;
  }

  /** The guest frames written since the last harvest, ascending: those that may be written. Protects them again. */
  harvest(): number[] {
    const dirty: number[] = [];
    this.table.forEachLeaf((guestFrame, _level, entry) => {
      if (isSet(entry, EntryFlag.writable) && !this.#foreign.has(guestFrame)) dirty.push(guestFrame);
    });
    for (const guestFrame of dirty) this.table.changeLeaf(guestFrame, 0, EntryFlag.writable);
    this.#flush.machine();
    return dirty;
  }

  /** Allows writes again. What logging broke stays broken. */
  endLogging(): void {
    this.#logging = false;
    this.#allowAll(true);
    this.#flush.machine();
  }

  checkpoint(archive: Archive): void {
    archive.part('table', this.table);
    archive.set('foreign', this.#foreign);
    this.#logging = archive.value('logging', this.#logging);
  }

  #allowAll(writable: boolean): number {
    const change: number[] = [];
    this.table.forEachLeaf((guestFrame, _level, entry) => {
      if (this.#foreign.has(guestFrame) || isSet(entry, EntryFlag.writable) === writable) return;
      change.push(guestFrame);
    });
    const [set, clear] = writable ? [EntryFlag.writable, 0] : [0, EntryFlag.writable];
    for (const guestFrame of change) this.table.changeLeaf(guestFrame, set, clear);
    if (!writable) this.#flush.machine();
    return change.length;
  }
}
