import { NO_FRAME, type Pfn, asPfn } from './frame-number.js';

/** A page-table entry: frame << 3 | flags. The frame is what the guest of the model writes: a PFN, or an MFN under P2M. */
export const EntryFlag = { present: 1, writable: 2 } as const;
export const ENTRY_SHIFT = 3;

export const makeEntry = (frame: number, writable: boolean): number =>
  ((frame << ENTRY_SHIFT) | EntryFlag.present | (writable ? EntryFlag.writable : 0)) >>> 0;
export const entryFrame = (entry: number): number => entry >>> ENTRY_SHIFT;
export const withFrame = (entry: number, frame: number): number =>
  ((frame << ENTRY_SHIFT) | (entry & ((1 << ENTRY_SHIFT) - 1))) >>> 0;
export const isPresent = (entry: number): boolean => (entry & EntryFlag.present) !== 0;
export const isWritable = (entry: number): boolean => (entry & EntryFlag.writable) !== 0;

export const LEVELS = 3;

/** How a page table reads and writes the guest memory that it lives in. */
export interface TableMemory {
  /** Entries of the table page at the frame number that an entry holds; undefined when that is no table. */
  entriesAt(frame: number): Uint32Array | undefined;
  /** A new zeroed table page of the guest. */
  newTable(): { readonly pfn: Pfn; readonly frame: number };
  /** Stores one entry, as a write of the guest to that table page. */
  store(tableFrame: number, index: number, entry: number): void;
}

/** A three-level page table of the guest, held in guest frames, as Linux/ia64 keeps for a region. */
export class PageTable {
  readonly log2Entries: number;
  readonly #memory: TableMemory;
  readonly #indexMask: number;
  #rootFrame = NO_FRAME;
  readonly #tablePfns: Pfn[] = [];

  /** `entriesPerTable`: page size over 8 bytes, a power of two. */
  constructor(memory: TableMemory, entriesPerTable: number) {
    this.#memory = memory;
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

  /** The leaf entry of the page; 0 when there is none. */
  read(vpn: number): number {
    let frame = this.#rootFrame;
    if (frame === NO_FRAME) return 0;
    for (let level = LEVELS - 1; ; level -= 1) {
      const table = this.#memory.entriesAt(frame);
      if (table === undefined) return 0;
      const entry = table[this.#index(vpn, level)];
      if (level === 0 || !isPresent(entry)) return isPresent(entry) ? entry : 0;
      frame = entryFrame(entry);
    }
  }

  /** Stores the leaf entry of the page, with new tables on the way as needed. Returns the entry that was there. */
  write(vpn: number, entry: number): number {
    if (this.#rootFrame === NO_FRAME) this.#rootFrame = this.#newTable();
    let frame = this.#rootFrame;
    for (let level = LEVELS - 1; level > 0; level -= 1) {
      const index = this.#index(vpn, level);
      const next = this.#memory.entriesAt(frame)![index];
      if (isPresent(next)) {
        frame = entryFrame(next);
      } else {
        const table = this.#newTable();
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

  #newTable(): number {
    const table = this.#memory.newTable();
    this.#tablePfns.push(table.pfn);
    return table.frame;
  }

  #index(vpn: number, level: number): number {
    return (vpn >>> (level * this.log2Entries)) & this.#indexMask;
  }
}
