import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** No such address. */
export const NO_PAGE = -1;

/**
 * Device addresses that a driver gives out, in pages: sizes are rounded up to a power of two and aligned to it, freed ones are kept
 * by size and given out again last in, first out, new ones come from the top down, as Linux does with its caches of ranges.
 */
export class IovaSpace implements Checkpointed {
  readonly #returned = new Map<number, number[]>();
  #lowest: number;

  /** `end`: the first page that the device cannot address. */
  constructor(end: number) {
    this.#lowest = end;
  }

  /** The first of at least `pages` pages, or `NO_PAGE`. Page 0 is never given out. */
  take(pages: number): number {
    const order = Math.ceil(Math.log2(pages));
    const known = this.#returned.get(order)?.pop();
    if (known !== undefined) return known;
    const size = 2 ** order;
    const first = Math.floor((this.#lowest - size) / size) * size;
    if (first < 1) return NO_PAGE;
    this.#lowest = first;
    return first;
  }

  giveBack(first: number, pages: number): void {
    const order = Math.ceil(Math.log2(pages));
    const returned = this.#returned.get(order);
    if (returned === undefined) this.#returned.set(order, [first]);
    else returned.push(first);
  }

  checkpoint(archive: Archive): void {
    this.#lowest = archive.value('lowest', this.#lowest);
    const returned = archive.list('returned', [...this.#returned], (each, entry): [number, number[]] => [
      each.value('order', entry?.[0] ?? 0),
      each.numbers('firsts', entry?.[1] ?? []),
    ]);
    this.#returned.clear();
    for (const [order, firsts] of returned) this.#returned.set(order, firsts);
  }
}
