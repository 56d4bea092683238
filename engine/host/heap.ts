import type { Archive } from '../checkpoint/archive.js';
import type { FrameHeap } from './frame-heap.js';
import { NO_FRAME, type Mfn, asMfn } from './frame-number.js';

/** The largest chunk that the heap keeps whole: 2^14 frames, 256 MiB of 16 KiB pages. */
export const MAX_ORDER = 14;

/**
 * Buddy allocator of machine frames. A chunk of order k is 2^k frames, aligned to its size. As in Xen's heap of 2006, a
 * split keeps the lower half on the free list and goes on with the upper one, so frames taken one by one come in
 * descending order, and a free list is taken from its head and added to at its tail.
 */
export class Heap implements FrameHeap {
  readonly #free: readonly Set<number>[] = Array.from({ length: MAX_ORDER + 1 }, () => new Set<number>());
  #freeFrames = 0;

  get freeFrames(): number {
    return this.#freeFrames;
  }

  /** Gives the frames `first` to `first + count − 1` to the heap, in the largest aligned chunks. */
  addRange(first: Mfn, count: number): void {
    let at: number = first;
    const end = first + count;
    while (at < end) {
      let order = 0;
      while (order < MAX_ORDER && at % 2 ** (order + 1) === 0 && at + 2 ** (order + 1) <= end) order += 1;
      this.free(asMfn(at), order);
      at += 2 ** order;
    }
  }

  /** Takes a chunk of 2^order frames; `NO_FRAME` when there is none. */
  allocate(order: number): Mfn {
    let from = order;
    while (from <= MAX_ORDER && this.#free[from].size === 0) from += 1;
    if (from > MAX_ORDER) return asMfn(NO_FRAME);
    let [chunk] = this.#free[from];
    this.#free[from].delete(chunk);
    while (from > order) {
      from -= 1;
      this.#free[from].add(chunk);
      chunk += 2 ** from;
    }
    this.#freeFrames -= 2 ** order;
    return asMfn(chunk);
  }

  /** Takes the chunk of 2^order frames at `first` out of the free chunk that holds it; false when part of it is in use. */
  allocateAt(first: Mfn, order: number): boolean {
    const holder = this.#holder(first, order);
    if (holder === null) return false;
    let { chunk } = holder;
    this.#free[holder.order].delete(chunk);
    for (let size = holder.order - 1; size >= order; size -= 1) {
      const upper = chunk + 2 ** size;
      if (first >= upper) {
        this.#free[size].add(chunk);
        chunk = upper;
      } else {
        this.#free[size].add(upper);
      }
    }
    this.#freeFrames -= 2 ** order;
    return true;
  }

  isFree(mfn: Mfn, order = 0): boolean {
    return this.#holder(mfn, order) !== null;
  }

  /** Gives a chunk back and merges it with its buddies. */
  free(first: Mfn, order: number): void {
    let chunk: number = first;
    let size = order;
    while (size < MAX_ORDER) {
      const buddy = chunk % 2 ** (size + 1) === 0 ? chunk + 2 ** size : chunk - 2 ** size;
      if (!this.#free[size].delete(buddy)) break;
      chunk = Math.min(chunk, buddy);
      size += 1;
    }
    this.#free[size].add(chunk);
    this.#freeFrames += 2 ** order;
  }

  /** The order of the largest free chunk, −1 when nothing is free. */
  largestOrder(): number {
    return this.#free.findLastIndex((chunks) => chunks.size > 0);
  }

  /** Calls back for each free chunk, by order and then in list order. */
  forEachChunk(visit: (first: Mfn, frames: number) => void): void {
    this.#free.forEach((chunks, order) => {
      for (const chunk of chunks) visit(asMfn(chunk), 2 ** order);
    });
  }

  checkpoint(archive: Archive): void {
    this.#free.forEach((chunks, order) => archive.set(`order ${order}`, chunks));
    this.#freeFrames = archive.value('freeFrames', this.#freeFrames);
  }

  #holder(first: number, order: number): { chunk: number; order: number } | null {
    for (let size = order; size <= MAX_ORDER; size += 1) {
      const chunk = first - (first % 2 ** size);
      if (this.#free[size].has(chunk)) return { chunk, order: size };
    }
    return null;
  }
}
