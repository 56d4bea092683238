import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Host } from '../host/host.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import type { SecondStageEntry, SecondStageView } from '../models/model.js';

/** log2 of the entries of a table of 4 KiB. */
const LOG2_ENTRIES = 9;
const ENTRIES = 2 ** LOG2_ENTRIES;
/** The root's level: 4 levels, for 44 bits of guest address as on a Cortex-A57. */
const ROOT_LEVEL = 0;
const LAST_LEVEL = 3;
const KINDS = ['memory', 'hypervisor', 'device'] as const;
export type EntryKind = (typeof KINDS)[number];
/** Entries above this many are no frames but tables. 0 is no entry. */
const TABLE = 4;

/** log2 of the pages that an entry of the level stands for. */
const orderOf = (level: number): number => LOG2_ENTRIES * (LAST_LEVEL - level);

/** A table: entry = 0, or kind + 1 with the machine frame, or TABLE with the table below. */
interface Table {
  readonly mfn: Mfn;
  readonly tags: Uint8Array;
  readonly frames: Int32Array;
  readonly below: Map<number, Table>;
}

/**
 * The second-stage table of one domain, with entries of 4 KiB, 2 MiB and 1 GiB. A range is
 * mapped in the largest entries for which guest frame, machine frame and the pages *still to go* are all aligned, as
 * Xen's p2m_set_entry does, so that a window of odd size is mapped in 4 KiB entries throughout. A larger entry that
 * loses a page is broken into a table, which stays when all its entries are back. Source: Xen, xen/arch/arm/p2m.c.
 */
export class SecondStage implements SecondStageView, Checkpointed {
  readonly #host: Host;
  readonly #pool: () => Mfn | null;
  #root: Table;
  /** Table pages that come from the heap and go back there. */
  #fromHeap: Mfn[] = [];
  #tablePages = 0;

  /** `pool` gives pages for tables below the root, which is the heap's; null when it has none: then those are, too. */
  constructor(host: Host, pool: () => Mfn | null = () => null) {
    this.#host = host;
    this.#pool = pool;
    this.#root = this.#tableAt(this.#takeFromHeap());
  }

  /** Tables below the root, which is not counted. */
  get tablePages(): number {
    return this.#tablePages;
  }

  map(pfn: Pfn, mfn: Mfn, pages: number, kind: EntryKind): void {
    let left = pages;
    let guest: number = pfn;
    let machine: number = mfn;
    while (left > 0) {
      let order = orderOf(1);
      while (guest % 2 ** order !== 0 || machine % 2 ** order !== 0 || left % 2 ** order !== 0) order -= LOG2_ENTRIES;
      this.#set(guest, order, KINDS.indexOf(kind) + 1, machine);
      guest += 2 ** order;
      machine += 2 ** order;
      left -= 2 ** order;
    }
  }

  /** Takes one page out; a larger entry around it is broken. */
  unmap(pfn: Pfn): void {
    this.#set(pfn, 0, 0, NO_FRAME);
  }

  /** The machine frame behind a guest frame, or `NO_FRAME`. */
  lookup(pfn: number): Mfn {
    let table = this.#root;
    for (let level = ROOT_LEVEL; level <= LAST_LEVEL; level += 1) {
      const index = indexAt(pfn, level);
      if (table.tags[index] === 0) return asMfn(NO_FRAME);
      if (table.tags[index] !== TABLE) return asMfn(table.frames[index] + (pfn % 2 ** orderOf(level)));
      table = table.below.get(index)!;
    }
    throw new Error('a table below the last level');
  }

  /** log2 of the pages of the entry that maps a guest frame. */
  entryOrder(pfn: number): number {
    let table = this.#root;
    let level = ROOT_LEVEL;
    for (; table.tags[indexAt(pfn, level)] === TABLE; level += 1) table = table.below.get(indexAt(pfn, level))!;
    return orderOf(level);
  }

  forEachEntry(visit: (entry: SecondStageEntry) => void): void {
    const walk = (table: Table, level: number, base: number): void => {
      for (let index = 0; index < ENTRIES; index += 1) {
        const tag = table.tags[index];
        const pfn = base + index * 2 ** orderOf(level);
        if (tag === TABLE) walk(table.below.get(index)!, level + 1, pfn);
        else if (tag !== 0) {
          visit({ pfn: asPfn(pfn), mfn: asMfn(table.frames[index]), order: orderOf(level), kind: KINDS[tag - 1] });
        }
      }
    };
    walk(this.#root, ROOT_LEVEL, 0);
  }

  tableFrames(): Mfn[] {
    return tablesFrom(this.#root).map(({ mfn }) => mfn);
  }

  /** Gives the table pages back that came from the heap, and what they were kept in. It is of no use afterwards. */
  release(): void {
    this.#freeTables();
    for (const mfn of this.#fromHeap) this.#host.releaseReserved(mfn);
  }

  checkpoint(archive: Archive): void {
    const root = this.#checkpointTable(archive, archive.reading ? null : this.#root);
    if (archive.reading) this.#freeTables();
    this.#root = root;
    this.#fromHeap = archive.numbers('fromHeap', this.#fromHeap);
    this.#tablePages = archive.value('tablePages', this.#tablePages);
  }

  #checkpointTable(archive: Archive, saved: Table | null): Table {
    const mfn = archive.value('mfn', saved?.mfn ?? asMfn(NO_FRAME));
    const table = saved ?? this.#tableAt(mfn);
    archive.view('tags', table.tags);
    archive.view('frames', table.frames);
    const indices = archive.numbers('indices', [...table.below.keys()]);
    const below = archive.list('below', [...table.below.values()], (each, child) => this.#checkpointTable(each, child));
    indices.forEach((index, at) => table.below.set(index, below[at]));
    return table;
  }

  #freeTables(): void {
    for (const { tags, frames } of tablesFrom(this.#root)) this.#host.simulation.arena.free(tags, frames);
  }

  #set(pfn: number, order: number, tag: number, mfn: number): void {
    let table = this.#root;
    for (let level = ROOT_LEVEL; orderOf(level) > order; level += 1) {
      const index = indexAt(pfn, level);
      if (table.tags[index] === 0 && tag === 0) return;
      if (table.tags[index] !== TABLE) this.#break(table, index, level);
      table = table.below.get(index)!;
    }
    const index = indexAt(pfn, LAST_LEVEL - order / LOG2_ENTRIES);
    if (table.tags[index] === TABLE) throw new Error('a large entry over a table');
    table.tags[index] = tag;
    table.frames[index] = mfn;
  }

  /** Puts a table where there was nothing, or one entry: then it holds the same in 512 smaller ones. */
  #break(table: Table, index: number, level: number): void {
    const below = this.#newTable();
    const tag = table.tags[index];
    if (tag !== 0) {
      below.tags.fill(tag);
      for (let at = 0; at < ENTRIES; at += 1) below.frames[at] = table.frames[index] + at * 2 ** orderOf(level + 1);
    }
    table.tags[index] = TABLE;
    table.frames[index] = NO_FRAME;
    table.below.set(index, below);
  }

  #newTable(): Table {
    this.#tablePages += 1;
    return this.#tableAt(this.#pool() ?? this.#takeFromHeap());
  }

  #takeFromHeap(): Mfn {
    const mfn = this.#host.allocateReserved();
    if (mfn === NO_FRAME) throw new Error(`${this.#host.name} has no frame for a second-stage table`);
    this.#fromHeap.push(mfn);
    return mfn;
  }

  #tableAt(mfn: Mfn): Table {
    const { arena } = this.#host.simulation;
    return { mfn, tags: arena.uint8(ENTRIES), frames: arena.int32(ENTRIES).fill(NO_FRAME), below: new Map() };
  }
}

const indexAt = (pfn: number, level: number): number => Math.floor(pfn / 2 ** orderOf(level)) % ENTRIES;

const tablesFrom = (table: Table): Table[] => [table, ...[...table.below.values()].flatMap(tablesFrom)];
