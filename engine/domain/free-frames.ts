import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type Pfn, asPfn } from '../host/frame-number.js';
import type { RandomStream } from '../host/random.js';

/** The guest frames that a guest's kernel has not given out, in the order in which it would. */
export class FreeFrames implements Checkpointed {
  /** The next one last. */
  #frames: Pfn[] = [];

  get count(): number {
    return this.#frames.length;
  }

  /** Tells the kernel which frames it has to give out, the next one first. */
  set(pfns: readonly Pfn[]): void {
    this.#frames = pfns.toReversed();
  }

  /** All of them, the next one first. */
  copy(): Pfn[] {
    return this.#frames.toReversed();
  }

  /** The next free frame, or null. */
  take(): Pfn | null {
    return this.#frames.pop() ?? null;
  }

  /** The next free frame that passes the filter, or null. */
  takeThat(fits: (pfn: Pfn) => boolean): Pfn | null {
    const at = this.#frames.findLastIndex(fits);
    return at < 0 ? null : this.#frames.splice(at, 1)[0];
  }

  /** A free frame from anywhere in the guest's memory, or null; the order of the others changes. */
  takeScattered(stream: RandomStream): Pfn | null {
    const frames = this.#frames;
    if (frames.length === 0) return null;
    const index = stream.below(frames.length);
    const last = frames.length - 1;
    [frames[index], frames[last]] = [frames[last], frames[index]];
    return frames.pop()!;
  }

  /** The lowest run of free frames that follow each other, each of which passes the filter: its first, or null. */
  takeRun(count: number, fits: (pfn: Pfn) => boolean = () => true): Pfn | null {
    const free = Int32Array.from(this.#frames.filter(fits)).sort();
    const end = free.findIndex((pfn, index) => index >= count - 1 && pfn - free[index - count + 1] === count - 1);
    if (end < 0) return null;
    const first = asPfn(free[end - count + 1]);
    this.#frames = this.#frames.filter((pfn) => pfn < first || pfn >= first + count);
    return first;
  }

  /** All free frames that belong to what is asked for, taken at once. */
  takeAll(belongs: (pfn: Pfn) => boolean): Pfn[] {
    const taken = this.#frames.filter(belongs);
    if (taken.length > 0) this.#frames = this.#frames.filter((pfn) => !belongs(pfn));
    return taken;
  }

  giveBack(pfn: Pfn): void {
    this.#frames.push(pfn);
  }

  checkpoint(archive: Archive): void {
    this.#frames = archive.numbers('freeFrames', this.#frames);
  }
}
