import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { entryFrame, isPresent, isWritable, packEntry } from '../host/entry.js';
import type { GuestFrameUses } from './guest-frame-uses.js';
import { PoolUse, type ShadowPool } from './shadow-pool.js';
import { EMPTY, LINK_FLAGS, TwinKind } from './twin-kind.js';

const KINDS = 8;

const isBlock = (block: Uint32Array | undefined): block is Uint32Array => block !== undefined;

/**
 * All twins of one domain, by their slot in the pool. A twin lives as long as something refers to it: entries of twins above,
 * the loaded root, or a pin. The last reference takes it away, and what it refers to with it.
 */
export class TwinCache implements Checkpointed {
  readonly pool: ShadowPool;
  readonly uses: GuestFrameUses;
  /** Entries of one table, and of its twin. */
  readonly entriesATable: number;
  /** 0 in a slot without a twin. */
  readonly kind: Uint8Array;
  /** What it is the twin of: the machine frame of a guest table; for a splinter, a number of the large entry. */
  readonly back: Float64Array;
  readonly references: Uint32Array;
  /** Where one of the references is, slot × entries of a table + index, or −1. */
  readonly #up: Int32Array;
  readonly #entries: (Uint32Array | undefined)[] = [];
  readonly #status = new Map<number, number>();
  /** Least recently pinned first. */
  readonly #pinned = new Set<number>();
  readonly #arena: Arena;
  readonly #onUnshadowed: (frame: number) => void;
  #made = 0;

  /** `onUnshadowed` is told of a guest frame that has lost its last twin. */
  constructor(
    arena: Arena,
    entriesATable: number,
    pool: ShadowPool,
    uses: GuestFrameUses,
    onUnshadowed: (frame: number) => void,
  ) {
    this.entriesATable = entriesATable;
    this.pool = pool;
    this.uses = uses;
    this.#arena = arena;
    this.#onUnshadowed = onUnshadowed;
    this.kind = arena.uint8(pool.size);
    this.back = arena.float64(pool.size);
    this.references = arena.uint32(pool.size);
    this.#up = arena.int32(pool.size).fill(-1);
  }

  /** Gives the arena's blocks back. The twins are of no use afterwards. */
  dispose(): void {
    this.#arena.free(this.kind, this.back, this.references, this.#up, ...this.#entries.filter(isBlock));
  }

  /** Twins that were ever made. */
  get made(): number {
    return this.#made;
  }

  entries(slot: number): Uint32Array {
    return this.#entries[slot]!;
  }

  /** Entries of the twin in a frame of the pool: how the hardware's walk reads it. */
  entriesAt(frame: number): Uint32Array | undefined {
    return this.#entries[this.pool.slotOf(frame)];
  }

  /** The slot of a twin, or −1. */
  find(back: number, kind: number): number {
    return this.#status.get(back * KINDS + kind) ?? -1;
  }

  /** An empty twin. The pool has room: the caller has seen to it. */
  make(back: number, kind: number): number {
    const slot = this.pool.take(PoolUse.twin);
    if (slot < 0) throw new Error('a shadow pool has no frame for a twin');
    const known = this.#entries[slot];
    if (known === undefined) this.#entries[slot] = this.#arena.uint32(this.entriesATable);
    else known.fill(EMPTY);
    this.kind[slot] = kind;
    this.back[slot] = back;
    this.references[slot] = 0;
    this.#up[slot] = -1;
    this.#status.set(back * KINDS + kind, slot);
    if (kind !== TwinKind.splinter) this.uses.setKinds(back, this.uses.kinds(back) | (1 << kind));
    this.#made += 1;
    return slot;
  }

  hold(slot: number): void {
    this.references[slot] += 1;
  }

  drop(slot: number): void {
    this.references[slot] -= 1;
    if (this.references[slot] === 0) this.#destroy(slot);
  }

  /** Keeps the twin while nothing else refers to it, as the most recently pinned one. */
  pin(slot: number): void {
    if (!this.#pinned.delete(slot)) this.hold(slot);
    this.#pinned.add(slot);
  }

  unpin(slot: number): void {
    if (this.#pinned.delete(slot)) this.drop(slot);
  }

  isPinned(slot: number): boolean {
    return this.#pinned.has(slot);
  }

  get pinned(): readonly number[] {
    return [...this.#pinned];
  }

  /** The slot that an entry above the lowest level points to, or −1. */
  below(slot: number, index: number): number {
    const entry = this.#entries[slot]![index];
    return isPresent(entry) ? this.pool.slotOf(entryFrame(entry)) : -1;
  }

  /** Points an entry above the lowest level to a twin, or to none with −1. Whether it took one away. */
  link(slot: number, index: number, below: number): boolean {
    const before = this.below(slot, index);
    if (before === below) return false;
    const place = slot * this.entriesATable + index;
    if (below >= 0) {
      this.hold(below);
      if (this.#up[below] < 0) this.#up[below] = place;
    }
    this.#entries[slot]![index] = below < 0 ? EMPTY : packEntry(this.pool.frames[below], LINK_FLAGS);
    if (before < 0) return false;
    if (this.#up[before] === place) this.#up[before] = -1;
    this.drop(before);
    return true;
  }

  /** Stores an entry of a page, and counts what it maps. */
  setLeaf(slot: number, index: number, entry: number): void {
    const entries = this.#entries[slot]!;
    this.#count(entries[index], -1);
    this.#count(entry, 1);
    entries[index] = entry;
  }

  /** Takes out every entry of a page that maps the frame. */
  clearFrame(slot: number, frame: number): void {
    const entries = this.#entries[slot]!;
    for (let index = 0; index < this.entriesATable; index += 1) {
      if (entries[index] !== EMPTY && entryFrame(entries[index]) === frame) this.setLeaf(slot, index, EMPTY);
    }
  }

  /** Takes away the reference that is known without a search. Whether the twin is gone. */
  removeKnownReference(slot: number): boolean {
    const place = this.#up[slot];
    if (place < 0) return false;
    const isLast = this.references[slot] === 1;
    this.link(Math.floor(place / this.entriesATable), place % this.entriesATable, -1);
    return isLast;
  }

  /** Searches the twins above for every reference, and takes them away. */
  removeReferences(slot: number): void {
    const kind = this.kind[slot];
    const back = this.back[slot];
    this.forEach((above) => {
      if (this.kind[above] !== kind + 1) return;
      for (let index = 0; index < this.entriesATable; index += 1) {
        if (this.below(above, index) === slot) this.link(above, index, -1);
        if (this.find(back, kind) !== slot) return;
      }
    });
  }

  /** Calls back for every twin. */
  forEach(visit: (slot: number) => void): void {
    for (let slot = 0; slot < this.pool.size; slot += 1) if (this.kind[slot] !== 0) visit(slot);
  }

  checkpoint(archive: Archive): void {
    archive.view('kind', this.kind);
    archive.view('back', this.back);
    archive.view('references', this.references);
    archive.view('up', this.#up);
    archive.map('status', this.#status);
    archive.set('pinned', this.#pinned);
    this.#made = archive.value('made', this.#made);
    const slots = archive.numbers(
      'slots',
      [...this.#entries.keys()].filter((slot) => this.#entries[slot] !== undefined),
    );
    for (const slot of slots)
      archive.view(`entries ${slot}`, (this.#entries[slot] ??= this.#arena.uint32(this.entriesATable)));
  }

  #count(entry: number, by: number): void {
    if (isPresent(entry)) this.uses.count(entryFrame(entry), by, isWritable(entry) ? by : 0);
  }

  #destroy(slot: number): void {
    const kind = this.kind[slot];
    const back = this.back[slot];
    this.#status.delete(back * KINDS + kind);
    if (kind !== TwinKind.splinter) {
      const kinds = this.uses.kinds(back) & ~(1 << kind);
      this.uses.setKinds(back, kinds);
      if (kinds === 0) this.#onUnshadowed(back);
    }
    const isLowest = kind === TwinKind.l1 || kind === TwinKind.splinter;
    for (let index = 0; index < this.entriesATable; index += 1) {
      if (isLowest) this.setLeaf(slot, index, EMPTY);
      else this.link(slot, index, -1);
    }
    this.kind[slot] = 0;
    this.pool.giveBack(slot);
  }
}
