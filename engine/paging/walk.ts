import { NO_FRAME } from '../host/frame-number.js';
import { EntryFlag, isLeaf, isSet, entryFrame } from '../host/entry.js';
import { type RadixFormat, indexAt, offsetAt } from './format.js';
import { Fault, type FaultId, type WalkCounts, newTranslation } from './translation.js';
import type { WalkCache } from './walk-cache.js';

/** One set of tables and the tag of what they put into caches. */
export interface AddressSpace {
  readonly tag: number;
  /** The root's frame, in the numbers of the tables' own dimension. */
  readonly rootFrame: number;
}

/** How a walker gets at the pages of the tables that it walks. */
export interface TableReach {
  /** The machine frame of a table, to read or to set flags in; `NO_FRAME` when the second stage refuses. */
  reach(tableFrame: number, write: boolean): number;
  /** After a refusal: why. */
  readonly fault: FaultId;
  /** Whether flags may be set in the table that was reached last. */
  readonly writable: boolean;
}

/** Tables in machine memory, in one dimension: a frame is where it says. */
export const machineReach: TableReach = { reach: (tableFrame) => tableFrame, fault: Fault.none, writable: true };

/** Machine memory, as far as it holds tables. */
export interface MachineTables {
  entriesAt(machineFrame: number): Uint32Array | undefined;
}

export interface WalkerParts {
  readonly format: RadixFormat;
  readonly machine: MachineTables;
  readonly cache: WalkCache | null;
  /** Whether the hardware keeps accessed and dirty flags. */
  readonly setsFlags: boolean;
  readonly counts: WalkCounts;
  readonly reach: TableReach;
  /** Hears of each page whose dirty flag is set, as hardware that logs pages does. */
  readonly dirtied?: ((page: number) => void) | undefined;
}

/** The hardware walker of one dimension. */
export class Walker {
  readonly translation = newTranslation();
  readonly #parts: WalkerParts;

  constructor(parts: WalkerParts) {
    this.#parts = parts;
  }

  /**
   * Walks from the lowest cached table, or the root, down to the leaf, and sets accessed flags on the way and the dirty
   * flag for a write. Writability is that of the leaf alone; links are writable, as Linux and Xen make them.
   */
  walk(space: AddressSpace, page: number, write: boolean): FaultId {
    const { format, machine, cache, setsFlags, counts, reach } = this.#parts;
    const { tag } = space;
    let level = format.levels - 1;
    let table = space.rootFrame;
    let at = NO_FRAME;
    let mayFlag = false;
    const cached = cache === null ? -1 : cache.find(tag, page);
    if (cached >= 0) {
      counts.walkCacheHits += 1;
      level = cache!.level[cached] - 1;
      table = cache!.tableFrame[cached];
      at = cache!.machineFrame[cached];
      mayFlag = cache!.writable[cached] === 1;
    }
    for (;;) {
      if (at === NO_FRAME) {
        at = reach.reach(table, false);
        if (at === NO_FRAME) return this.#secondStage(table);
        mayFlag = reach.writable;
        if (cache !== null && level < format.levels - 1) cache.insert(tag, page, level + 1, table, at, mayFlag);
      }
      counts.references += 1;
      const index = indexAt(format, page, level);
      let entries = machine.entriesAt(at);
      const entry = entries === undefined ? 0 : entries[index];
      if (!isSet(entry, EntryFlag.present)) return Fault.notMapped;
      const leaf = isLeaf(entry, level);
      if (leaf && write && !isSet(entry, EntryFlag.writable)) return Fault.readOnly;
      let missing = 0;
      if (setsFlags) missing = (EntryFlag.accessed | (leaf && write ? EntryFlag.dirty : 0)) & ~entry;
      if (missing !== 0) {
        if (!mayFlag) {
          at = reach.reach(table, true);
          if (at === NO_FRAME) return this.#secondStage(table);
          entries = machine.entriesAt(at);
        }
        entries![index] |= missing;
        if (isSet(missing, EntryFlag.accessed)) counts.accessedSet += 1;
        if (isSet(missing, EntryFlag.dirty)) {
          counts.dirtySet += 1;
          this.#parts.dirtied?.(page);
        }
      }
      if (leaf) {
        const { translation } = this;
        translation.frame = entryFrame(entry) + offsetAt(format, page, level);
        translation.level = level;
        translation.writable = isSet(entry, EntryFlag.writable);
        translation.dirty = !setsFlags || isSet(entry | missing, EntryFlag.dirty);
        return Fault.none;
      }
      table = entryFrame(entry);
      at = NO_FRAME;
      level -= 1;
    }
  }

  #secondStage(tableFrame: number): FaultId {
    this.translation.frame = tableFrame;
    return this.#parts.reach.fault;
  }
}
