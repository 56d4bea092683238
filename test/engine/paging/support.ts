import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { radixFrame } from '../../../engine/paging/entry.js';
import { type RadixFormat, pagesAt } from '../../../engine/paging/format.js';
import { NestedPaging, type NestedSpace, combinedTag } from '../../../engine/paging/nested-paging.js';
import { PagingUnit } from '../../../engine/paging/paging-unit.js';
import { type RadixMemory, RadixTable } from '../../../engine/paging/radix-table.js';
import { RadixTlb } from '../../../engine/paging/radix-tlb.js';
import { WalkCache } from '../../../engine/paging/walk-cache.js';

/** Machine memory that holds tables only: frames are handed out from `first` up, and come back. */
export class TableMemory implements RadixMemory {
  readonly tables = new Map<number, Uint32Array>();
  readonly #entries: number;
  readonly #free: number[];

  constructor(format: RadixFormat, first: number, frames: number) {
    this.#entries = 2 ** format.indexBits;
    this.#free = Array.from({ length: frames }, (_, index) => first + frames - 1 - index);
  }

  entriesAt(frame: number): Uint32Array | undefined {
    return this.tables.get(frame);
  }

  newTable(): number {
    const frame = this.#free.pop();
    if (frame === undefined) return NO_FRAME;
    this.tables.set(frame, new Uint32Array(this.#entries));
    return frame;
  }

  freeTable(frame: number): void {
    if (!this.tables.delete(frame)) throw new Error(`table ${frame} freed twice`);
    this.#free.push(frame);
  }

  store(frame: number, index: number, entry: number): void {
    this.tables.get(frame)![index] = entry;
  }
}

/** Guest frames that hold tables: contents stand in the machine frames where a second stage puts them. */
export class GuestTableMemory implements RadixMemory {
  readonly #machine: TableMemory;
  readonly #entries: number;
  readonly #second: RadixTable;
  readonly #free: number[];

  constructor(machine: TableMemory, second: RadixTable, guestFrames: readonly number[]) {
    this.#machine = machine;
    this.#second = second;
    this.#entries = 2 ** second.format.indexBits;
    this.#free = guestFrames.toReversed();
  }

  machineFrame(guestFrame: number): number {
    const level = this.#second.leafLevel(guestFrame);
    const first = radixFrame(this.#second.leafEntry(guestFrame));
    return first + (guestFrame % pagesAt(this.#second.format, level));
  }

  entriesAt(guestFrame: number): Uint32Array | undefined {
    return this.#machine.tables.get(this.machineFrame(guestFrame));
  }

  newTable(): number {
    const guestFrame = this.#free.pop();
    if (guestFrame === undefined) return NO_FRAME;
    this.#machine.tables.set(this.machineFrame(guestFrame), new Uint32Array(this.#entries));
    return guestFrame;
  }

  freeTable(guestFrame: number): void {
    if (!this.#machine.tables.delete(this.machineFrame(guestFrame))) throw new Error(`table ${guestFrame} freed twice`);
    this.#free.push(guestFrame);
  }

  store(guestFrame: number, index: number, entry: number): void {
    this.entriesAt(guestFrame)![index] = entry;
  }
}

/** Sizes of the caches of one dimension; null for none. */
export interface Caches {
  readonly tlb: readonly { readonly sets: number; readonly ways: number }[] | null;
  readonly walk: readonly number[] | null;
}

export const NO_CACHES: Caches = { tlb: null, walk: null };

export const unitOf = (format: RadixFormat, machine: TableMemory, caches: Caches, setsFlags = true): PagingUnit =>
  new PagingUnit({
    format,
    machine,
    tlb: caches.tlb === null ? null : new RadixTlb(format, caches.tlb),
    walkCache: caches.walk === null ? null : new WalkCache(format, caches.walk),
    setsFlags,
  });

export interface NestedScene {
  readonly machine: TableMemory;
  readonly mmu: NestedPaging;
  readonly guest: RadixTable;
  readonly guestMemory: GuestTableMemory;
  readonly second: RadixTable;
  readonly space: NestedSpace;
}

/** The machine frame where guest frame 0 stands: guest memory is one run, aligned to the largest leaf. */
const GUEST_RUN = 2 ** 18;
/** Guest frames of the guest's tables. */
const GUEST_TABLES = Array.from({ length: 16 }, (_, index) => index);

/** A guest with empty tables over a second stage that maps its guest frames in leaves of one level. */
export const nestedScene = (
  guestFormat: RadixFormat,
  secondFormat: RadixFormat,
  secondLevel: number,
  guestCaches: Caches = NO_CACHES,
  secondCaches: Caches = NO_CACHES,
  secondSetsFlags = true,
): NestedScene => {
  const machine = new TableMemory(secondFormat, 1, 1000);
  const second = new RadixTable(secondFormat, machine, machine.newTable());
  const pages = pagesAt(secondFormat, secondLevel);
  for (let at = 0; at < 2048; at += pages) second.map(at, GUEST_RUN + at, secondLevel, true);
  const guestMemory = new GuestTableMemory(machine, second, GUEST_TABLES);
  const guest = new RadixTable(guestFormat, guestMemory, guestMemory.newTable());
  const inner = unitOf(secondFormat, machine, secondCaches, secondSetsFlags);
  const { spec } = unitOf(guestFormat, machine, guestCaches);
  const space = {
    first: { tag: combinedTag(1, 1), rootFrame: guest.rootFrame },
    second: { tag: 1, rootFrame: second.rootFrame },
  };
  return { machine, mmu: new NestedPaging(spec, inner), guest, guestMemory, second, space };
};
