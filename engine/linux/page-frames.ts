import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import type { Pfn } from '../host/frame-number.js';
import { SparseWords } from '../host/sparse-words.js';

/** What the kernel uses a frame for: nothing here, a program's own page, a page of a file, the page of zeroes, a page table. */
export const PageUse = { none: 0, anonymous: 1, cached: 2, zero: 3, table: 4 } as const;
export type PageUseId = (typeof PageUse)[keyof typeof PageUse];

/** A frame's word: its use in the lowest bits, whether it is exclusive, and above that its mappings. */
const USE_MASK = 7;
const EXCLUSIVE = 8;
const MAPPING_SHIFT = 4;

/** What the kernel knows of each of its frames (Linux: struct page), by guest frame. */
export class PageFrames implements Checkpointed {
  readonly #words: SparseWords;

  constructor(arena: Arena) {
    this.#words = new SparseWords(arena);
  }

  /** Gives its memory back: every frame is without use. */
  release(): void {
    this.#words.release();
  }

  use(pfn: Pfn): PageUseId {
    return (this.#words.get(pfn) & USE_MASK) as PageUseId;
  }

  /** Gives the frame a new use, with no mappings. */
  setUse(pfn: Pfn, use: PageUseId): void {
    this.#words.set(pfn, use);
  }

  /** Entries of all address spaces that map the frame. Those of the page of zeroes are not counted. */
  mapCount(pfn: Pfn): number {
    return this.#words.get(pfn) >>> MAPPING_SHIFT;
  }

  addMapping(pfn: Pfn, delta: 1 | -1): void {
    if (this.use(pfn) !== PageUse.zero) this.#words.set(pfn, this.#words.get(pfn) + delta * 2 ** MAPPING_SHIFT);
  }

  /** Whether the page was one program's alone since it was made or last made writable (Linux: PageAnonExclusive). */
  isExclusive(pfn: Pfn): boolean {
    return (this.#words.get(pfn) & EXCLUSIVE) !== 0;
  }

  setExclusive(pfn: Pfn, exclusive: boolean): void {
    const word = this.#words.get(pfn);
    this.#words.set(pfn, exclusive ? word | EXCLUSIVE : word & ~EXCLUSIVE);
  }

  checkpoint(archive: Archive): void {
    archive.part('words', this.#words);
  }
}
