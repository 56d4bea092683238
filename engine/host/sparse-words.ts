import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';

const SECTION_SHIFT = 10;
const SECTION_WORDS = 1 << SECTION_SHIFT;
const SECTION_MASK = SECTION_WORDS - 1;

/**
 * Words of 32 bits by number, all zero at first, in sections of 1024 that are made when a word of them is first set to something else: a
 * guest whose frames have high numbers, with holes between them, takes no more than one whose frames begin at zero.
 */
export class SparseWords implements Checkpointed {
  readonly #arena: Arena;
  #sections: (Uint32Array | undefined)[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get(index: number): number {
    return this.#sections[index >>> SECTION_SHIFT]?.[index & SECTION_MASK] ?? 0;
  }

  set(index: number, word: number): void {
    const section = this.#sections[index >>> SECTION_SHIFT];
    if (section !== undefined) section[index & SECTION_MASK] = word;
    else if (word !== 0) this.#make(index >>> SECTION_SHIFT)[index & SECTION_MASK] = word;
  }

  /** Calls back for every word that is not zero, in ascending order of their numbers. */
  forEach(visit: (index: number, word: number) => void): void {
    for (const number of this.#made()) {
      this.#sections[number]!.forEach((word, offset) => {
        if (word !== 0) visit(number * SECTION_WORDS + offset, word);
      });
    }
  }

  /** Gives its memory back; every word is zero then. */
  release(): void {
    for (const number of this.#made()) this.#arena.free(this.#sections[number]!);
    this.#sections = [];
  }

  checkpoint(archive: Archive): void {
    const numbers = archive.numbers('sections', this.#made());
    if (archive.reading) this.release();
    for (const number of numbers) archive.view(`${number}`, this.#sections[number] ?? this.#make(number));
  }

  #make(number: number): Uint32Array {
    const section = this.#arena.uint32(SECTION_WORDS);
    this.#sections[number] = section;
    return section;
  }

  /** Numbers of the sections that are made, ascending; the keys of a list with holes are. */
  #made(): number[] {
    return Object.keys(this.#sections).map(Number);
  }
}
