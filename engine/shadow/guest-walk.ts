import { EntryFlag, entryFrame, isLeaf, isPresent, isSet, isWritable, packEntry } from '../host/entry.js';
import { NO_FRAME } from '../host/frame-number.js';
import { type RadixFormat, indexAt, offsetAt } from '../paging/format.js';
import type { GuestMemory } from './guest-memory.js';
import { LEVELS } from './twin-kind.js';

/** How a walk ends: the last two are the guest's own faults. */
export const WalkResult = { mapped: 0, notMapped: 1, readOnly: 2 } as const;

/** A walk of a guest's own tables, as the hypervisor makes it after a fault. Each walk writes the last one over. */
export class GuestWalk {
  /** Machine frames of the tables by level, 0 the lowest; `NO_FRAME` where a large entry ends the walk. */
  readonly tables = new Int32Array(LEVELS).fill(NO_FRAME);
  readonly entries = new Uint32Array(LEVELS);
  /** The guest frame of the page. */
  guestFrame = NO_FRAME;
  /** The entry of the page as one of the lowest level: that of a large one with the page's own frame. */
  leaf = 0;
  readonly #guest: GuestMemory;
  readonly #format: RadixFormat;

  constructor(guest: GuestMemory, format: RadixFormat) {
    this.#guest = guest;
    this.#format = format;
  }

  get isLarge(): boolean {
    return this.tables[0] === NO_FRAME;
  }

  /** The entry that maps the page, large or not, as it stands in the guest's table. */
  get leafEntry(): number {
    return this.entries[this.isLarge ? 1 : 0];
  }

  /** Walks from the root in a machine frame; sets accessed and dirty flags of a page that it finds, as hardware would. */
  walk(root: number, page: number, write: boolean): number {
    const guest = this.#guest;
    this.tables.fill(NO_FRAME);
    let table = root;
    let level = LEVELS - 1;
    for (; ; level -= 1) {
      this.tables[level] = table;
      const entry = guest.entriesAt(table)?.[indexAt(this.#format, page, level)] ?? 0;
      this.entries[level] = entry;
      if (!isPresent(entry)) return WalkResult.notMapped;
      if (isLeaf(entry, level)) break;
      table = guest.machineFrame(entryFrame(entry));
      if (table === NO_FRAME) return WalkResult.notMapped;
    }
    if (level > 1) throw new RangeError('a guest under shadow tables has no large entries of large entries');
    if (write && !isWritable(this.entries[level])) return WalkResult.readOnly;
    this.#setFlags(page, level, write);
    const entry = this.entries[level];
    this.guestFrame = entryFrame(entry) + offsetAt(this.#format, page, level);
    this.leaf = packEntry(this.guestFrame, entry & ~EntryFlag.large & 0x1f);
    return WalkResult.mapped;
  }

  #setFlags(page: number, leafLevel: number, write: boolean): void {
    for (let level = LEVELS - 1; level >= leafLevel; level -= 1) {
      const flags = EntryFlag.accessed | (write && level === leafLevel ? EntryFlag.dirty : 0);
      if ((this.entries[level] & flags) === flags) continue;
      this.entries[level] |= flags;
      this.#guest.entriesAt(this.tables[level])![indexAt(this.#format, page, level)] = this.entries[level];
      this.#guest.wrote(this.tables[level]);
    }
  }
}

/** Whether another fault would be needed to set flags of a guest's entry on an access. */
export const lacksFlags = (entry: number): boolean =>
  isPresent(entry) && (!isSet(entry, EntryFlag.accessed) || (isWritable(entry) && !isSet(entry, EntryFlag.dirty)));
