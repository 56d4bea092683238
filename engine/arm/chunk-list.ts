import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** A free chunk in a list. */
export interface Chunk {
  readonly first: number;
  /** Offset of its first frame that is not scrubbed yet, or `SCRUBBED_CHUNK`. */
  readonly firstDirty: number;
}

export const SCRUBBED_CHUNK = -1;

interface Node extends Chunk {
  previous: Node | null;
  next: Node | null;
}

/** A list of free chunks of one size: added to and taken from at either end, or taken out by its first frame. */
export class ChunkList implements Checkpointed {
  readonly #nodes = new Map<number, Node>();
  #head: Node | null = null;
  #tail: Node | null = null;

  get size(): number {
    return this.#nodes.size;
  }

  get(first: number): Chunk | undefined {
    return this.#nodes.get(first);
  }

  get tail(): Chunk | null {
    return this.#tail;
  }

  addHead({ first, firstDirty }: Chunk): void {
    const node: Node = { first, firstDirty, previous: null, next: this.#head };
    if (this.#head === null) this.#tail = node;
    else this.#head.previous = node;
    this.#head = node;
    this.#nodes.set(first, node);
  }

  addTail({ first, firstDirty }: Chunk): void {
    const node: Node = { first, firstDirty, previous: this.#tail, next: null };
    if (this.#tail === null) this.#head = node;
    else this.#tail.next = node;
    this.#tail = node;
    this.#nodes.set(first, node);
  }

  takeHead(): Chunk | null {
    return this.#head === null ? null : this.take(this.#head.first);
  }

  /** Takes the chunk that begins at this frame out of the list; null when the list has none there. */
  take(first: number): Chunk | null {
    const node = this.#nodes.get(first);
    if (node === undefined) return null;
    if (node.previous === null) this.#head = node.next;
    else node.previous.next = node.next;
    if (node.next === null) this.#tail = node.previous;
    else node.next.previous = node.previous;
    this.#nodes.delete(first);
    return node;
  }

  forEach(visit: (chunk: Chunk) => void): void {
    for (let node = this.#head; node !== null; node = node.next) visit(node);
  }

  checkpoint(archive: Archive): void {
    const chunks: Chunk[] = [];
    this.forEach((chunk) => chunks.push(chunk));
    const read = archive.numbers(
      'chunks',
      chunks.flatMap(({ first, firstDirty }) => [first, firstDirty]),
    );
    if (!archive.reading) return;
    for (const { first } of chunks) this.take(first);
    for (let index = 0; index < read.length; index += 2) {
      this.addTail({ first: read[index], firstDirty: read[index + 1] });
    }
  }
}
