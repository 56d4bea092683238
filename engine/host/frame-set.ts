import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';
import { type Pfn, asPfn } from './frame-number.js';
import { SparseWords } from './sparse-words.js';

/** A set of guest frames: a bit each, and nothing for holes. */
export class FrameSet implements Checkpointed {
  readonly #words: SparseWords;

  constructor(arena: Arena) {
    this.#words = new SparseWords(arena);
  }

  add(pfn: Pfn): void {
    this.#words.set(pfn >>> 5, this.#words.get(pfn >>> 5) | (1 << (pfn & 31)));
  }

  delete(pfn: Pfn): void {
    this.#words.set(pfn >>> 5, this.#words.get(pfn >>> 5) & ~(1 << (pfn & 31)));
  }

  /** Its frames in ascending order. */
  list(): Pfn[] {
    const frames: Pfn[] = [];
    this.#words.forEach((index, word) => {
      for (let rest = word; rest !== 0; rest &= rest - 1)
        frames.push(asPfn(index * 32 + 31 - Math.clz32(rest & -rest)));
    });
    return frames;
  }

  /** Gives its memory back; it is empty then. */
  release(): void {
    this.#words.release();
  }

  checkpoint(archive: Archive): void {
    archive.part('words', this.#words);
  }
}
