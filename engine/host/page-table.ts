import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { entryFrame, isPresent, makeEntry } from './entry.js';
import { NO_FRAME, type Pfn, asPfn } from './frame-number.js';

/** How a page table reads and writes the guest memory that it lives in. */
export interface TableMemory {
  /** Entries of the table page at the frame number that an entry holds; undefined when that is no table. */
  entriesAt(frame: number): Uint32Array | undefined;
  /** A new zeroed table page of the guest. */
  newTable(isRoot: boolean): { readonly pfn: Pfn; readonly frame: number };
  /** Stores one entry, as a write of the guest to that table page. */
  store(tableFrame: number, index: number, entry: number): void;
}

/** A page table of a guest's program, held in guest frames: three levels for a region of ia64, four on x86-64 and arm64. */
export class PageTable implements Checkpointed {
  readonly log2Entries: number;
  readonly levels: number;
  readonly #memory: TableMemory;
  readonly #indexMask: number;
  #rootFrame = NO_FRAME;
  #tablePfns: Pfn[] = [];

  /** `entriesPerTable`: page size over 8 bytes, a power of two. */
  constructor(memory: TableMemory, entriesPerTable: number, levels: number) {
    this.#memory = memory;
    this.levels = levels;
    this.log2Entries = Math.log2(entriesPerTable);
    this.#indexMask = entriesPerTable - 1;
  }

  /** Guest frames that hold the table's pages, root first. */
  get tablePfns(): readonly Pfn[] {
    return this.#tablePfns;
  }

  get rootFrame(): number {
    return this.#rootFrame;
  }

  /** The root's page is another frame now, in the numbers that an entry holds. */
  moveRoot(frame: number): void {
    this.#rootFrame = frame;
  }

  /** The leaf entry of the page, whose number is below 2^32; 0 when there is none. */
  read(vpn: number): number {
    let frame = this.#rootFrame;
    if (frame === NO_FRAME) return 0;
    for (let level = this.levels - 1; ; level -= 1) {
      const table = this.#memory.entriesAt(frame);
      if (table === undefined) return 0;
      const entry = table[this.#index(vpn, level)];
      if (level === 0 || !isPresent(entry)) return isPresent(entry) ? entry : 0;
      frame = entryFrame(entry);
    }
  }

  /** Stores the leaf entry of the page, with new tables on the way as needed. Returns the entry that was there. */
  write(vpn: number, entry: number): number {
    if (this.#rootFrame === NO_FRAME) this.#rootFrame = this.#newTable(true);
    let frame = this.#rootFrame;
    for (let level = this.levels - 1; level > 0; level -= 1) {
      const index = this.#index(vpn, level);
      const next = this.#memory.entriesAt(frame)![index];
      if (isPresent(next)) {
        frame = entryFrame(next);
      } else {
        const table = this.#newTable(false);
        this.#memory.store(frame, index, makeEntry(table, true));
        frame = table;
      }
    }
    const index = this.#index(vpn, 0);
    const before = this.#memory.entriesAt(frame)![index];
    this.#memory.store(frame, index, entry);
    return before;
  }

  /** Adopts a table that arrived from another host. */
  adopt(rootFrame: number, tablePfns: readonly Pfn[]): void {
    this.#rootFrame = rootFrame;
    this.#tablePfns.push(...tablePfns.map((pfn) => asPfn(pfn)));
  }

  /** Its pages are guest memory, whose contents are the host's. */
  checkpoint(archive: Archive): void {
    this.#rootFrame = archive.value('rootFrame', this.#rootFrame);
    this.#tablePfns = archive.numbers('tablePfns', this.#tablePfns);
  }

  #newTable(isRoot: boolean): number {
    const table = this.#memory.newTable(isRoot);
    this.#tablePfns.push(table.pfn);
    return table.frame;
  }

  #index(vpn: number, level: number): number {
    const shift = level * this.log2Entries;
    return (shift < 32 ? vpn >>> shift : 0) & this.#indexMask;
  }
}
