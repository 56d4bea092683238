import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME } from '../host/frame-number.js';
import type { GuestFrameUses } from './guest-frame-uses.js';
import { PoolUse, type ShadowPool } from './shadow-pool.js';
import type { TwinCache } from './twin-cache.js';
import { TwinKind } from './twin-kind.js';
import { protectEntry } from './write-access.js';

/** Lowest tables that a virtual processor may have out of sync at a time, and writable entries known of each (Xen). */
const OUT_OF_SYNC_TABLES = 3;
const WRITERS_KNOWN = 2;

/**
 * The guest tables of one virtual processor that the guest writes to without a fault, so that they differ from their twins
 * until the next flush. Of each there is a snapshot of what its twin stands for. They are found by frame number modulo their
 * count, with a second choice; what is in the way is brought into sync.
 */
export class OutOfSync implements Checkpointed {
  readonly #frames = new Int32Array(OUT_OF_SYNC_TABLES).fill(NO_FRAME);
  readonly #snapshots: Uint32Array[] = [];
  /** Entries that map each table writable, slot × entries of a table + index; −1 for none. */
  readonly #writers: Int32Array[] = [];
  readonly #nextWriter = new Uint8Array(OUT_OF_SYNC_TABLES);
  readonly #arena: Arena;
  readonly #uses: GuestFrameUses;
  readonly #twins: TwinCache;

  constructor(arena: Arena, pool: ShadowPool, uses: GuestFrameUses, twins: TwinCache) {
    this.#arena = arena;
    this.#uses = uses;
    this.#twins = twins;
    for (let place = 0; place < OUT_OF_SYNC_TABLES; place += 1) {
      pool.take(PoolUse.snapshot);
      this.#snapshots.push(arena.uint32(twins.entriesATable));
      this.#writers.push(new Int32Array(WRITERS_KNOWN).fill(-1));
    }
  }

  dispose(): void {
    this.#arena.free(...this.#snapshots);
  }

  /** What the twin of an out-of-sync table stands for; undefined of one in sync. */
  snapshot(frame: number): Uint32Array | undefined {
    const place = this.#find(frame);
    return place < 0 ? undefined : this.#snapshots[place];
  }

  /** The tables that are out of sync now. */
  get tables(): readonly number[] {
    return [...this.#frames].filter((frame) => frame !== NO_FRAME);
  }

  /**
   * Lets a table go out of sync, if its only twin is one of the lowest level. Whether it was let; `resync` is called for what
   * had to make room.
   */
  add(frame: number, contents: Uint32Array, resync: (frame: number) => void): boolean {
    if (this.#uses.kinds(frame) !== 1 << TwinKind.l1 || this.#uses.isOutOfSync(frame)) return false;
    const place = frame % OUT_OF_SYNC_TABLES;
    const occupant = this.#frames[place];
    if (occupant !== NO_FRAME) {
      const next = (place + 1) % OUT_OF_SYNC_TABLES;
      const moves = occupant % OUT_OF_SYNC_TABLES === place;
      const leaver = moves ? this.#frames[next] : occupant;
      if (leaver !== NO_FRAME) resync(leaver);
      if (moves && this.#frames[place] === occupant) this.#swap(place, next);
    }
    this.#uses.setOutOfSync(frame, true);
    this.#frames[place] = frame;
    this.#snapshots[place].set(contents);
    this.#writers[place].fill(-1);
    this.#nextWriter[place] = 0;
    return true;
  }

  /** Notes an entry that maps the table writable; only so many are known, so the oldest one loses the right. */
  addWriter(frame: number, slot: number, index: number): void {
    const place = this.#find(frame);
    const writers = this.#writers[place];
    const entry = slot * this.#twins.entriesATable + index;
    if (writers.includes(entry)) return;
    const next = this.#nextWriter[place];
    this.#protect(frame, writers[next]);
    writers[next] = entry;
    this.#nextWriter[place] = (next + 1) % WRITERS_KNOWN;
  }

  /** Takes the right to write from the entries that are known to give it. */
  protectWriters(frame: number): void {
    const writers = this.#writers[this.#find(frame)];
    for (const entry of writers) this.#protect(frame, entry);
    writers.fill(-1);
  }

  /** The table is in sync again, or has no twin any more. */
  remove(frame: number): void {
    const place = this.#find(frame);
    if (place < 0) return;
    this.#uses.setOutOfSync(frame, false);
    this.#frames[place] = NO_FRAME;
  }

  checkpoint(archive: Archive): void {
    archive.view('frames', this.#frames);
    archive.view('nextWriter', this.#nextWriter);
    this.#snapshots.forEach((snapshot, place) => archive.view(`snapshot ${place}`, snapshot));
    this.#writers.forEach((writers, place) => archive.view(`writers ${place}`, writers));
  }

  #protect(frame: number, entry: number): void {
    if (entry < 0) return;
    const slot = Math.floor(entry / this.#twins.entriesATable);
    const kind = this.#twins.kind[slot];
    if (kind !== TwinKind.l1 && kind !== TwinKind.splinter) return;
    protectEntry(this.#twins, slot, entry % this.#twins.entriesATable, frame);
  }

  #find(frame: number): number {
    const place = frame % OUT_OF_SYNC_TABLES;
    if (this.#frames[place] === frame) return place;
    const next = (place + 1) % OUT_OF_SYNC_TABLES;
    return this.#frames[next] === frame ? next : -1;
  }

  #swap(one: number, other: number): void {
    [this.#frames[one], this.#frames[other]] = [this.#frames[other], this.#frames[one]];
    [this.#snapshots[one], this.#snapshots[other]] = [this.#snapshots[other], this.#snapshots[one]];
    [this.#writers[one], this.#writers[other]] = [this.#writers[other], this.#writers[one]];
    [this.#nextWriter[one], this.#nextWriter[other]] = [this.#nextWriter[other], this.#nextWriter[one]];
  }
}
