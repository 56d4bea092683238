import type { Archive } from '../checkpoint/archive.js';
import { Heap } from '../host/heap.js';
import type { FrameHeap } from '../host/frame-heap.js';
import { NO_FRAME, type Mfn, asMfn } from '../host/frame-number.js';
import { type NumaTopology, nodeCount, nodesByDistance } from './topology.js';

/**
 * A heap for each node, so that no chunk has frames of two. Who asks names the nodes that he wants memory of, in his order, and
 * gets it there or, when they have no such chunk, on the node nearest to the first of them. Source: `get_free_buddy` of
 * Xen's `xen/common/page_alloc.c`, which goes through the wanted nodes and then through all others; that the nearest
 * comes first is Linux's rule (`mm/page_alloc.c`, zone lists by distance), Xen takes them by number.
 */
export class NodeHeap implements FrameHeap {
  readonly #heaps: readonly Heap[];
  readonly #topology: NumaTopology;
  /** The node of a frame that is installed. */
  readonly #nodeOf: (mfn: Mfn) => number;

  constructor(topology: NumaTopology, nodeOf: (mfn: Mfn) => number) {
    this.#topology = topology;
    this.#nodeOf = nodeOf;
    this.#heaps = Array.from({ length: nodeCount(topology) }, () => new Heap());
  }

  get freeFrames(): number {
    return this.#heaps.reduce((sum, { freeFrames }) => sum + freeFrames, 0);
  }

  freeOn(node: number): number {
    return this.#heaps[node].freeFrames;
  }

  /** The frames lie on one node, as those of a bank do. */
  addRange(first: Mfn, count: number): void {
    if (count > 0) this.#of(first).addRange(first, count);
  }

  /** For one who wants no node: the lowest that has such a chunk. */
  allocate(order: number): Mfn {
    return this.allocateOn(order, []);
  }

  allocateOn(order: number, nodes: readonly number[]): Mfn {
    for (const node of [...nodes, ...nodesByDistance(this.#topology, nodes[0] ?? 0)]) {
      const first = this.#heaps[node].allocate(order);
      if (first !== NO_FRAME) return first;
    }
    return asMfn(NO_FRAME);
  }

  allocateAt(first: Mfn, order: number): boolean {
    return this.#of(first).allocateAt(first, order);
  }

  isFree(mfn: Mfn, order = 0): boolean {
    return this.#of(mfn).isFree(mfn, order);
  }

  free(first: Mfn, order: number): void {
    this.#of(first).free(first, order);
  }

  largestOrder(): number {
    return Math.max(...this.#heaps.map((heap) => heap.largestOrder()));
  }

  forEachChunk(visit: (first: Mfn, frames: number) => void): void {
    for (const heap of this.#heaps) heap.forEachChunk(visit);
  }

  /** Calls back for each free chunk with the node whose heap has it. */
  forEachChunkOfNode(visit: (node: number, first: Mfn, frames: number) => void): void {
    this.#heaps.forEach((heap, node) => heap.forEachChunk((first, frames) => visit(node, first, frames)));
  }

  checkpoint(archive: Archive): void {
    this.#heaps.forEach((heap, node) => archive.part(`node ${node}`, heap));
  }

  #of(mfn: Mfn): Heap {
    const node = this.#nodeOf(mfn);
    const heap = this.#heaps[node];
    if (heap === undefined) throw new Error(`node ${node} is not among the ${this.#heaps.length} of the host`);
    return heap;
  }
}
