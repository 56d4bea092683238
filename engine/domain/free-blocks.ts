import type { Pfn } from '../host/frame-number.js';

const NOT_FREE = -1;

/**
 * Where each frame of a list stands in it, by aligned blocks of so many frames, and which blocks are in the list with all of their frames. A
 * block is looked up and taken in a time that does not grow with the list.
 */
export class FreeBlocks {
  readonly pages: number;
  /** Places of a block's frames in the list, and how many of them are in it behind these. */
  readonly #blocks: Int32Array[] = [];
  /** No block below this one is in the list as a whole. */
  #lowest = 0;

  constructor(pages: number, list: readonly Pfn[]) {
    this.pages = pages;
    list.forEach((pfn, place) => this.add(pfn, place));
  }

  /** The frame is in the list now, at this place. */
  add(pfn: Pfn, place: number): void {
    const { pages } = this;
    const block = Math.floor(pfn / pages);
    const places = (this.#blocks[block] ??= emptyBlock(pages));
    places[pfn % pages] = place;
    places[pages] += 1;
    if (places[pages] === pages && block < this.#lowest) this.#lowest = block;
  }

  /** The frame is no longer in the list. */
  remove(pfn: Pfn): void {
    const places = this.#blocks[Math.floor(pfn / this.pages)];
    places[pfn % this.pages] = NOT_FREE;
    places[this.pages] -= 1;
  }

  /** The lowest whole block, or null. */
  lowestWhole(): number | null {
    const { pages } = this;
    while (this.#lowest < this.#blocks.length) {
      if (this.#blocks[this.#lowest]?.[pages] === pages) return this.#lowest;
      this.#lowest += 1;
    }
    return null;
  }

  /** Takes a whole block out. Calls back for the place of each of its frames. */
  removeBlock(block: number, visit: (place: number) => void): void {
    const places = this.#blocks[block];
    for (let frame = 0; frame < this.pages; frame += 1) visit(places[frame]);
    this.#blocks[block] = emptyBlock(this.pages);
  }
}

const emptyBlock = (pages: number): Int32Array => {
  const places = new Int32Array(pages + 1).fill(NOT_FREE);
  places[pages] = 0;
  return places;
};
