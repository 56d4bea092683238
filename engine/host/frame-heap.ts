import type { Checkpointed } from '../checkpoint/archive.js';
import type { Mfn } from './frame-number.js';

/** What a host asks of its allocator of machine frames. A chunk of order k is 2^k frames, aligned to its size. */
export interface FrameHeap extends Checkpointed {
  readonly freeFrames: number;
  /** Gives the frames `first` to `first + count − 1` to the heap, in the largest aligned chunks. */
  addRange(first: Mfn, count: number): void;
  /** Takes a chunk of 2^order frames; `NO_FRAME` when there is none. */
  allocate(order: number): Mfn;
  /** Takes a chunk on one of these nodes, or as near to the first of them as there is one; only where a host has nodes. */
  allocateOn?(order: number, nodes: readonly number[]): Mfn;
  /** Takes the chunk of 2^order frames at `first`; false when part of it is in use. */
  allocateAt(first: Mfn, order: number): boolean;
  isFree(mfn: Mfn, order?: number): boolean;
  /** Gives a chunk back and merges it with its buddies. */
  free(first: Mfn, order: number): void;
  /** The order of the largest free chunk, −1 when nothing is free. */
  largestOrder(): number;
  forEachChunk(visit: (first: Mfn, frames: number) => void): void;
}
