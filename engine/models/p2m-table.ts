import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn } from '../host/frame-number.js';

const NOTHING = new Int32Array(0);

/** A physical-to-machine table: one word for each guest frame, from zero. Who holds it tells the models apart. */
export class P2mTable implements Checkpointed {
  readonly #arena: Arena;
  #frames: Int32Array = NOTHING;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Guest frame numbers are below this. */
  get length(): number {
    return this.#frames.length;
  }

  get(pfn: Pfn): Mfn {
    return asMfn(pfn >= 0 && pfn < this.#frames.length ? this.#frames[pfn] : NO_FRAME);
  }

  set(pfn: Pfn, mfn: number): void {
    if (pfn >= this.#frames.length) {
      const grown = this.#arena.int32(Math.max(pfn + 1, this.#frames.length * 2, 64)).fill(NO_FRAME);
      grown.set(this.#frames);
      this.release();
      this.#frames = grown;
    }
    this.#frames[pfn] = mfn;
  }

  checkpoint(archive: Archive): void {
    const frames = archive.resized('frames', this.#frames, (length) => this.#arena.int32(length));
    if (archive.reading) this.release();
    this.#frames = frames;
  }

  /** Gives its memory back; it is empty then. */
  release(): void {
    if (this.#frames !== NOTHING) this.#arena.free(this.#frames);
    this.#frames = NOTHING;
  }

  /**
   * The size (log2 pages) of the largest run around the frame, aligned in both numberings, up to the limit, of frames
   * that all belong in it. The frame itself is taken to.
   */
  largestRun(pfn: Pfn, limitLog2: number, belongs: (mfn: Mfn) => boolean = () => true): number {
    const mfn = this.get(pfn);
    let size = 0;
    while (size < limitLog2) {
      const pages = 2 ** (size + 1);
      const first = pfn - (pfn % pages);
      if (mfn % pages !== pfn % pages) return size;
      for (let at = first; at < first + pages; at += 1) {
        const expected = asMfn(mfn - pfn + at);
        if (this.get(asPfn(at)) !== expected || !belongs(expected)) return size;
      }
      size += 1;
    }
    return size;
  }

  /** Guest frames that have a machine frame and pass the filter, ascending. */
  mapped(isOwned: (mfn: Mfn, pfn: Pfn) => boolean): Pfn[] {
    const mapped: Pfn[] = [];
    this.#frames.forEach((mfn, pfn) => {
      if (mfn !== NO_FRAME && isOwned(asMfn(mfn), asPfn(pfn))) mapped.push(asPfn(pfn));
    });
    return mapped;
  }
}
