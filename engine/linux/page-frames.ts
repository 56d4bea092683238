import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import type { Pfn } from '../host/frame-number.js';

/** What the kernel uses a frame for: nothing here, a program's own page, a page of a file, the page of zeroes, a page table. */
export const PageUse = { none: 0, anonymous: 1, cached: 2, zero: 3, table: 4 } as const;
export type PageUseId = (typeof PageUse)[keyof typeof PageUse];

/** Frames that there is room for at first. */
const LEAST = 1024;

/** What the kernel knows of each of its frames (Linux: struct page), by guest frame. */
export class PageFrames implements Checkpointed {
  readonly #arena: Arena;
  #use: Uint8Array;
  #exclusive: Uint8Array;
  #mapCount: Int32Array;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#use = arena.uint8(LEAST);
    this.#exclusive = arena.uint8(LEAST);
    this.#mapCount = arena.int32(LEAST);
  }

  /** Gives its memory back. It is of no use afterwards. */
  release(): void {
    this.#arena.free(this.#use, this.#exclusive, this.#mapCount);
  }

  use(pfn: Pfn): PageUseId {
    return (pfn < this.#use.length ? this.#use[pfn] : PageUse.none) as PageUseId;
  }

  /** Gives the frame a new use, with no mappings. */
  setUse(pfn: Pfn, use: PageUseId): void {
    this.#grow(pfn);
    this.#use[pfn] = use;
    this.#exclusive[pfn] = 0;
    this.#mapCount[pfn] = 0;
  }

  /** Entries of all address spaces that map the frame. Those of the page of zeroes are not counted. */
  mapCount(pfn: Pfn): number {
    return pfn < this.#mapCount.length ? this.#mapCount[pfn] : 0;
  }

  addMapping(pfn: Pfn, delta: 1 | -1): void {
    if (this.use(pfn) !== PageUse.zero) this.#mapCount[pfn] += delta;
  }

  /** Whether the page was one program's alone since it was made or last made writable (Linux: PageAnonExclusive). */
  isExclusive(pfn: Pfn): boolean {
    return pfn < this.#exclusive.length && this.#exclusive[pfn] === 1;
  }

  setExclusive(pfn: Pfn, exclusive: boolean): void {
    this.#exclusive[pfn] = exclusive ? 1 : 0;
  }

  checkpoint(archive: Archive): void {
    const [use, exclusive, mapCount] = [this.#use, this.#exclusive, this.#mapCount];
    this.#use = archive.resized('use', use, (length) => this.#arena.uint8(length));
    this.#exclusive = archive.resized('exclusive', exclusive, (length) => this.#arena.uint8(length));
    this.#mapCount = archive.resized('mapCount', mapCount, (length) => this.#arena.int32(length));
    if (archive.reading) this.#arena.free(use, exclusive, mapCount);
  }

  #grow(pfn: Pfn): void {
    if (pfn < this.#use.length) return;
    const length = 2 ** Math.ceil(Math.log2(pfn + 1));
    const [use, exclusive, mapCount] = [this.#use, this.#exclusive, this.#mapCount];
    this.#use = this.#arena.uint8(length);
    this.#exclusive = this.#arena.uint8(length);
    this.#mapCount = this.#arena.int32(length);
    this.#use.set(use);
    this.#exclusive.set(exclusive);
    this.#mapCount.set(mapCount);
    this.#arena.free(use, exclusive, mapCount);
  }
}
