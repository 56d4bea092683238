import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';
import type { RandomStream } from '../host/random.js';
import { FreeBlocks } from './free-blocks.js';

/** Stands where a frame was that went with its block. */
const GONE = NO_FRAME;
const NOTHING = new Int32Array(0);
/** Frames that a list has room for at least. */
const LEAST = 64;

/** The guest frames that a guest's kernel has not given out, in the order in which it would. */
export class FreeFrames implements Checkpointed {
  readonly #arena: Arena;
  /** The next one last; what is behind `#length` is room. */
  #frames: Int32Array = NOTHING;
  #length = 0;
  /** How many of them are gone. */
  #gone = 0;
  /** Made when a block is first asked for, and kept as long as frames keep their places. */
  #blocks: FreeBlocks | null = null;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get count(): number {
    return this.#length - this.#gone;
  }

  /** Tells the kernel which frames it has to give out, the next one first. */
  set(pfns: readonly Pfn[]): void {
    this.#put(pfns.toReversed());
  }

  /** All of them, the next one first. */
  copy(): Pfn[] {
    return this.#list().toReversed();
  }

  /** The next free frame, or null. */
  take(): Pfn | null {
    while (this.#length > 0) {
      this.#length -= 1;
      const pfn = this.#frames[this.#length];
      if (pfn === GONE) {
        this.#gone -= 1;
        continue;
      }
      this.#blocks?.remove(asPfn(pfn));
      return asPfn(pfn);
    }
    return null;
  }

  /** The next free frame that passes the filter, or null. */
  takeThat(fits: (pfn: Pfn) => boolean): Pfn | null {
    this.#compact();
    let at = this.#length - 1;
    while (at >= 0 && !fits(asPfn(this.#frames[at]))) at -= 1;
    if (at < 0) return null;
    if (at === this.#length - 1) return this.take();
    this.#blocks = null;
    const pfn = asPfn(this.#frames[at]);
    this.#frames.copyWithin(at, at + 1, this.#length);
    this.#length -= 1;
    return pfn;
  }

  /** A free frame from anywhere in the guest's memory, or null; the order of the others changes. */
  takeScattered(stream: RandomStream): Pfn | null {
    this.#compact();
    if (this.#length === 0) return null;
    const frames = this.#frames;
    const index = stream.below(this.#length);
    this.#blocks = null;
    this.#length -= 1;
    const pfn = asPfn(frames[index]);
    frames[index] = frames[this.#length];
    return pfn;
  }

  /** The lowest run of free frames that follow each other, each of which passes the filter: its first, or null. */
  takeRun(count: number, fits: (pfn: Pfn) => boolean = () => true): Pfn | null {
    const frames = this.#list();
    const free = Int32Array.from(frames.filter(fits)).sort();
    const end = free.findIndex((pfn, index) => index >= count - 1 && pfn - free[index - count + 1] === count - 1);
    if (end < 0) return null;
    const first = asPfn(free[end - count + 1]);
    this.#put(frames.filter((pfn) => pfn < first || pfn >= first + count));
    return first;
  }

  /** The lowest aligned block of so many frames that are all free: its first, or null. Takes no longer where more are free. */
  takeBlock(count: number): Pfn | null {
    if (this.#gone > this.#length / 2) this.#compact();
    if (this.#blocks?.pages !== count) this.#blocks = new FreeBlocks(count, this.#list());
    const block = this.#blocks.lowestWhole();
    if (block === null) return null;
    this.#blocks.removeBlock(block, (place) => {
      this.#frames[place] = GONE;
    });
    this.#gone += count;
    return asPfn(block * count);
  }

  /** All free frames that belong to what is asked for, taken at once. */
  takeAll(belongs: (pfn: Pfn) => boolean): Pfn[] {
    const frames = this.#list();
    const taken = frames.filter(belongs);
    if (taken.length > 0) this.#put(frames.filter((pfn) => !belongs(pfn)));
    return taken;
  }

  giveBack(pfn: Pfn): void {
    if (this.#length === this.#frames.length) this.#makeRoom(this.#length * 2);
    this.#blocks?.add(pfn, this.#length);
    this.#frames[this.#length] = pfn;
    this.#length += 1;
  }

  checkpoint(archive: Archive): void {
    this.#compact();
    const frames = archive.resized(
      'freeFrames',
      this.#frames.slice(0, this.#length),
      (length) => new Int32Array(length),
    );
    if (archive.reading) this.#put(frames);
  }

  /** Gives its memory back; no frame is free then. */
  release(): void {
    if (this.#frames !== NOTHING) this.#arena.free(this.#frames);
    this.#frames = NOTHING;
    this.#put([]);
  }

  #put(frames: ArrayLike<number>): void {
    this.#length = 0;
    if (frames.length > this.#frames.length) this.#makeRoom(frames.length);
    this.#frames.set(frames);
    this.#length = frames.length;
    this.#gone = 0;
    this.#blocks = null;
  }

  #makeRoom(frames: number): void {
    const grown = this.#arena.int32(Math.max(frames, LEAST));
    grown.set(this.#frames.subarray(0, this.#length));
    if (this.#frames !== NOTHING) this.#arena.free(this.#frames);
    this.#frames = grown;
  }

  /** What is free, the next one last. */
  #list(): Pfn[] {
    this.#compact();
    return Array.from(this.#frames.subarray(0, this.#length), asPfn);
  }

  /** Leaves out what is gone. */
  #compact(): void {
    if (this.#gone === 0) return;
    let kept = 0;
    for (let at = 0; at < this.#length; at += 1) {
      if (this.#frames[at] === GONE) continue;
      this.#frames[kept] = this.#frames[at];
      kept += 1;
    }
    this.#length = kept;
    this.#gone = 0;
    this.#blocks = null;
  }
}
