import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';
import type { RandomStream } from '../host/random.js';
import { FreeBlocks } from './free-blocks.js';

/** Stands where a frame was that went with its block. */
const GONE = asPfn(NO_FRAME);

/** The guest frames that a guest's kernel has not given out, in the order in which it would. */
export class FreeFrames implements Checkpointed {
  /** The next one last. */
  #frames: Pfn[] = [];
  /** How many of them are gone. */
  #gone = 0;
  /** Made when a block is first asked for, and kept as long as frames keep their places. */
  #blocks: FreeBlocks | null = null;

  get count(): number {
    return this.#frames.length - this.#gone;
  }

  /** Tells the kernel which frames it has to give out, the next one first. */
  set(pfns: readonly Pfn[]): void {
    this.#put(pfns.toReversed());
  }

  /** All of them, the next one first. */
  copy(): Pfn[] {
    return this.#compact().toReversed();
  }

  /** The next free frame, or null. */
  take(): Pfn | null {
    for (;;) {
      const pfn = this.#frames.pop();
      if (pfn === undefined) return null;
      if (pfn === GONE) {
        this.#gone -= 1;
        continue;
      }
      this.#blocks?.remove(pfn);
      return pfn;
    }
  }

  /** The next free frame that passes the filter, or null. */
  takeThat(fits: (pfn: Pfn) => boolean): Pfn | null {
    const frames = this.#compact();
    const at = frames.findLastIndex(fits);
    if (at < 0) return null;
    if (at === frames.length - 1) return this.take();
    this.#blocks = null;
    return frames.splice(at, 1)[0];
  }

  /** A free frame from anywhere in the guest's memory, or null; the order of the others changes. */
  takeScattered(stream: RandomStream): Pfn | null {
    const frames = this.#compact();
    if (frames.length === 0) return null;
    const index = stream.below(frames.length);
    const last = frames.length - 1;
    this.#blocks = null;
    [frames[index], frames[last]] = [frames[last], frames[index]];
    return frames.pop()!;
  }

  /** The lowest run of free frames that follow each other, each of which passes the filter: its first, or null. */
  takeRun(count: number, fits: (pfn: Pfn) => boolean = () => true): Pfn | null {
    const frames = this.#compact();
    const free = Int32Array.from(frames.filter(fits)).sort();
    const end = free.findIndex((pfn, index) => index >= count - 1 && pfn - free[index - count + 1] === count - 1);
    if (end < 0) return null;
    const first = asPfn(free[end - count + 1]);
    this.#put(frames.filter((pfn) => pfn < first || pfn >= first + count));
    return first;
  }

  /** The lowest aligned block of so many frames that are all free: its first, or null. Takes no longer where more are free. */
  takeBlock(count: number): Pfn | null {
    if (this.#gone > this.#frames.length / 2) this.#compact();
    if (this.#blocks?.pages !== count) this.#blocks = new FreeBlocks(count, this.#compact());
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
    const frames = this.#compact();
    const taken = frames.filter(belongs);
    if (taken.length > 0) this.#put(frames.filter((pfn) => !belongs(pfn)));
    return taken;
  }

  giveBack(pfn: Pfn): void {
    this.#blocks?.add(pfn, this.#frames.length);
    this.#frames.push(pfn);
  }

  checkpoint(archive: Archive): void {
    this.#compact();
    this.#put(archive.numbers('freeFrames', this.#frames));
  }

  #put(frames: Pfn[]): void {
    this.#frames = frames;
    this.#gone = 0;
    this.#blocks = null;
  }

  /** The list without what is gone. */
  #compact(): Pfn[] {
    if (this.#gone > 0) this.#put(this.#frames.filter((pfn) => pfn !== GONE));
    return this.#frames;
  }
}
