import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import { EntryFlag, isSet, entryFrame } from '../host/entry.js';
import { pagesAt } from './format.js';
import type { RadixTable } from './radix-table.js';

/** Drops what an MMU keeps of a virtual machine: all that one guest frame has a part in, or everything. */
export interface SecondStageFlush {
  guestFrame(guestFrame: number): void;
  machine(): void;
}

/** What lies behind an entry: memory of the domain's own or of another, a frame of the hypervisor's, a device. */
export type EntryKind = 'memory' | 'hypervisor' | 'device';

/** 2^order pages. */
export interface SecondStageEntry {
  readonly pfn: Pfn;
  readonly mfn: Mfn;
  readonly order: number;
  readonly kind: EntryKind;
  readonly writable: boolean;
}

/** Memory for a new domain: chunks of 2^order frames, aligned to their size. */
export interface ChunkSource {
  /** The first of 2^order frames, which stand at the guest frames from `guestFrame` on; `NO_FRAME` when there are none. */
  allocate(order: number, guestFrame: number): number;
  giveBack(frame: number, order: number): void;
}

/**
 * The second stage of one virtual machine as its hypervisor keeps it: guest frame → machine frame, in entries as large as the
 * memory it was given allows. What takes one page out, enters one of another machine, or logs one write breaks a large entry, and
 * the pieces stay, as does the table that holds them. A flush goes with every change that takes a right or a frame away.
 */
export class SecondStage implements Checkpointed {
  readonly table: RadixTable;
  readonly #flush: SecondStageFlush;
  readonly #byDirtyFlags: boolean;
  /** Guest frames that hold memory of others; log-dirty leaves them alone. */
  readonly #foreign = new Set<number>();
  /** Guest frames that stand on a frame which other guests have, too: read-only until that ends. */
  readonly #shared = new Set<number>();
  /** Guest frames that hold frames of the hypervisor's. */
  readonly #hypervisor = new Set<number>();
  /** Windows of devices at their own addresses, which may be wider than an entry's frame: first pages, to pages. */
  readonly #devices = new Map<number, number>();
  #logging = false;

  /** `byDirtyFlags`: hardware logs pages whose dirty flag it sets, so that single pages stay writable while writes are logged. */
  constructor(table: RadixTable, flush: SecondStageFlush, byDirtyFlags = false) {
    this.table = table;
    this.#flush = flush;
    this.#byDirtyFlags = byDirtyFlags;
  }

  get isLogging(): boolean {
    return this.#logging;
  }

  /** The machine frame behind a guest frame, or `NO_FRAME`. */
  machineFrame(guestFrame: number): number {
    const level = this.table.leafLevel(guestFrame);
    if (level < 0) return NO_FRAME;
    if (this.#isDevice(guestFrame)) return guestFrame;
    return entryFrame(this.table.leafEntry(guestFrame)) + (guestFrame % pagesAt(this.table.format, level));
  }

  /** The hypervisor's own frame at a guest frame, or `NO_FRAME`. */
  hypervisorFrame(guestFrame: number): number {
    return this.#hypervisor.has(guestFrame) ? this.machineFrame(guestFrame) : NO_FRAME;
  }

  /** Frames of the tables, the root first. */
  tableFrames(): Mfn[] {
    const frames: Mfn[] = [];
    this.table.forEachTable((frame) => frames.push(asMfn(frame)));
    return frames;
  }

  /** Calls back for each entry, in ascending order of guest frames. */
  forEachEntry(visit: (entry: SecondStageEntry) => void): void {
    const { indexBits } = this.table.format;
    this.table.forEachLeaf((guestFrame, level, entry) => {
      const isDevice = this.#isDevice(guestFrame);
      const memory = this.#hypervisor.has(guestFrame) ? 'hypervisor' : 'memory';
      visit({
        pfn: asPfn(guestFrame),
        mfn: asMfn(isDevice ? guestFrame : entryFrame(entry)),
        order: level * indexBits,
        kind: isDevice ? 'device' : memory,
        writable: isSet(entry, EntryFlag.writable),
      });
    });
  }

  /**
   * Gives `pages` guest frames from `first` on memory, each time in the largest entry that alignment, what is left, and the
   * source allow. Returns how many got memory; fewer where the source or the tables' frames come to an end.
   */
  populate(first: number, pages: number, source: ChunkSource): number {
    const { format } = this.table;
    let done = 0;
    let level = format.largestLeaf;
    while (done < pages) {
      const size = pagesAt(format, level);
      const fits = (first + done) % size === 0 && pages - done >= size;
      const frame = fits ? source.allocate(level * format.indexBits, first + done) : NO_FRAME;
      if (frame === NO_FRAME) {
        if (level === 0) return done;
        level -= 1;
        continue;
      }
      if (!this.table.map(first + done, frame, level, !this.#logging)) {
        source.giveBack(frame, level * format.indexBits);
        return done;
      }
      done += size;
      while (level < format.largestLeaf && (first + done) % pagesAt(format, level + 1) === 0) level += 1;
    }
    return done;
  }

  /**
   * Maps a run of own memory in the largest entries for which guest frame, machine frame and the pages *still to go* are all aligned,
   * so that a run of odd size is mapped in single pages throughout. Source: p2m_set_entry of Xen, on Arm and x86 alike. False when
   * no table is left.
   */
  mapRun(guestFrame: number, machineFrame: number, pages: number): boolean {
    let done = 0;
    while (done < pages) {
      let level = this.table.format.largestLeaf;
      const together = [guestFrame + done, machineFrame + done, pages - done];
      while (together.some((number) => number % pagesAt(this.table.format, level) !== 0)) level -= 1;
      if (!this.table.map(guestFrame + done, machineFrame + done, level, !this.#logging)) return false;
      done += pagesAt(this.table.format, level);
    }
    return true;
  }

  /** Maps the window of a device at its own address. False when no table is left. */
  mapDevice(first: number, pages: number): boolean {
    this.#devices.set(first, pages);
    return this.mapRun(first, first, pages);
  }

  /**
   * Makes room to change one guest frame by itself, mapped or not: a large entry breaks. False when no table is left. The change that
   * follows drops what an MMU has of a large entry; where none can follow, that is done here.
   */
  makeEntry(guestFrame: number): boolean {
    const before = this.table.leafLevel(guestFrame);
    if (this.table.makeEntry(guestFrame)) return true;
    if (this.table.leafLevel(guestFrame) !== before) this.#flush.guestFrame(guestFrame);
    return false;
  }

  /** Takes one guest frame out: ballooned, unmapped, paged out. False when a large entry must break and no table is left. */
  takeOut(guestFrame: number): boolean {
    const level = this.table.leafLevel(guestFrame);
    if (level > 0 && !this.makeEntry(guestFrame)) return false;
    this.#forget(guestFrame);
    if (level < 0) return true;
    this.table.unmap(guestFrame, 0);
    this.#flush.guestFrame(guestFrame);
    return true;
  }

  /** Puts one machine frame of its own at a guest frame, in an entry of its own. False when no table is left. */
  put(guestFrame: number, machineFrame: number): boolean {
    return this.#enter(guestFrame, machineFrame, !this.#logging || this.#byDirtyFlags);
  }

  /** Enters a frame of another domain. False when no table is left. */
  enterForeign(guestFrame: number, machineFrame: number, writable: boolean): boolean {
    if (!this.#enter(guestFrame, machineFrame, writable)) return false;
    this.#foreign.add(guestFrame);
    return true;
  }

  /** Puts a guest frame on a frame that other guests have, too. False when no table is left. */
  enterShared(guestFrame: number, machineFrame: number): boolean {
    if (!this.#enter(guestFrame, machineFrame, false)) return false;
    this.#shared.add(guestFrame);
    return true;
  }

  /** Enters a frame of the hypervisor's own. False when no table is left. */
  enterHypervisorFrame(guestFrame: number, machineFrame: number): boolean {
    if (!this.#enter(guestFrame, machineFrame, true)) return false;
    this.#hypervisor.add(guestFrame);
    return true;
  }

  /** Write-protects all own memory, entries as large as they are; single pages only lose their dirty flag where that is what is logged. Returns the entries changed. */
  beginLogging(): number {
    this.#logging = true;
    return this.#allowAll(false);
  }

  /**
   * Serves a second-stage write fault: under logging, breaks the entry down to the page and allows writes to it. False when the
   * guest frame is not one whose writes are logged, and when no table is left.
   */
  logWrite(guestFrame: number): boolean {
    if (!this.#logging || !this.#isLogged(guestFrame) || this.table.leafLevel(guestFrame) < 0) return false;
    const wasLarge = this.table.leafLevel(guestFrame) > 0;
    if (!this.makeEntry(guestFrame)) return false;
    const pieces = wasLarge && this.#byDirtyFlags ? pagesAt(this.table.format, 1) : 1;
    const first = guestFrame - (guestFrame % pieces);
    for (let page = first; page < first + pieces; page += 1) this.table.changeLeaf(page, EntryFlag.writable, 0);
    this.#flush.guestFrame(guestFrame);
    return true;
  }

  /** The guest frames written since the last harvest, ascending: those that may be written, or are flagged. Protects them again. */
  harvest(): number[] {
    const dirty: number[] = [];
    const logged = this.#byDirtyFlags ? EntryFlag.dirty : EntryFlag.writable;
    this.table.forEachLeaf((guestFrame, _level, entry) => {
      if (isSet(entry, logged) && this.#isLogged(guestFrame)) dirty.push(guestFrame);
    });
    for (const guestFrame of dirty) this.table.changeLeaf(guestFrame, 0, logged);
    this.#flush.machine();
    return dirty;
  }

  /** Allows writes again. What logging broke stays broken. Returns the entries changed. */
  endLogging(): number {
    this.#logging = false;
    const changed = this.#allowAll(true);
    this.#flush.machine();
    return changed;
  }

  checkpoint(archive: Archive): void {
    archive.part('table', this.table);
    archive.set('foreign', this.#foreign);
    archive.set('shared', this.#shared);
    archive.set('hypervisor', this.#hypervisor);
    archive.map('devices', this.#devices);
    this.#logging = archive.value('logging', this.#logging);
  }

  #enter(guestFrame: number, machineFrame: number, writable: boolean): boolean {
    const level = this.table.leafLevel(guestFrame);
    if (level > 0 && !this.makeEntry(guestFrame)) return false;
    if (!this.table.map(guestFrame, machineFrame, 0, writable)) return false;
    this.#forget(guestFrame);
    if (level >= 0) this.#flush.guestFrame(guestFrame);
    return true;
  }

  #forget(guestFrame: number): void {
    this.#foreign.delete(guestFrame);
    this.#shared.delete(guestFrame);
    this.#hypervisor.delete(guestFrame);
  }

  #isDevice(guestFrame: number): boolean {
    for (const [first, pages] of this.#devices) if (guestFrame >= first && guestFrame < first + pages) return true;
    return false;
  }

  /** Whether writes are logged there: own memory, and nothing else. */
  #isLogged(guestFrame: number): boolean {
    const others = [this.#foreign, this.#shared, this.#hypervisor];
    return !others.some((set) => set.has(guestFrame)) && !this.#isDevice(guestFrame);
  }

  /** What a leaf loses when its writes are to be seen. */
  #protection(level: number): number {
    if (!this.#byDirtyFlags) return EntryFlag.writable;
    return level === 0 ? EntryFlag.dirty : EntryFlag.writable | EntryFlag.dirty;
  }

  #allowAll(writable: boolean): number {
    const change: (readonly [guestFrame: number, clear: number])[] = [];
    this.table.forEachLeaf((guestFrame, level, entry) => {
      if (!this.#isLogged(guestFrame)) return;
      const clear = writable ? 0 : this.#protection(level);
      if (writable ? !isSet(entry, EntryFlag.writable) : isSet(entry, clear)) change.push([guestFrame, clear]);
    });
    const set = writable ? EntryFlag.writable : 0;
    for (const [guestFrame, clear] of change) this.table.changeLeaf(guestFrame, set, clear);
    if (!writable) this.#flush.machine();
    return change.length;
  }
}
