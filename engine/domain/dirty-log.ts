import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { type Pfn, asPfn } from '../host/frame-number.js';

/** One bit for each guest frame, set by the hypervisor at the first write since the last harvest. */
export class DirtyLog implements Checkpointed {
  /** Guest frames that it has room for. */
  readonly frames: number;
  readonly #arena: Arena;
  readonly #bits: Uint32Array;

  /** Room for guest frames 0 to `frames` − 1. */
  constructor(arena: Arena, frames: number) {
    this.frames = frames;
    this.#arena = arena;
    this.#bits = arena.uint32(Math.ceil(frames / 32));
  }

  has(pfn: Pfn): boolean {
    return (this.#bits[pfn >>> 5] & (1 << (pfn & 31))) !== 0;
  }

  mark(pfn: Pfn): void {
    this.#bits[pfn >>> 5] |= 1 << (pfn & 31);
  }

  /** The dirty guest frames in ascending order. */
  dirty(): Pfn[] {
    const dirty: Pfn[] = [];
    this.#bits.forEach((word, index) => {
      for (let rest = word; rest !== 0; rest &= rest - 1) dirty.push(asPfn(index * 32 + 31 - Math.clz32(rest & -rest)));
    });
    return dirty;
  }

  clear(): void {
    this.#bits.fill(0);
  }

  checkpoint(archive: Archive): void {
    archive.view('bits', this.#bits);
  }

  /** Gives its memory back. It is of no use afterwards. */
  release(): void {
    this.#arena.free(this.#bits);
  }
}
