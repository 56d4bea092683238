import type { Archive } from '../checkpoint/archive.js';
import type { FrameHeap } from '../host/frame-heap.js';
import { NO_FRAME, type Mfn, asMfn } from '../host/frame-number.js';
import { type Chunk, ChunkList, SCRUBBED_CHUNK } from './chunk-list.js';

/** The largest chunk that Xen keeps whole on arm64: 2^18 frames, 1 GiB. */
export const MAX_ZONED_ORDER = 18;
/** A frame number is below 2^31, so no chunk lies in a higher zone. */
const TOP_ZONE = 31;

export interface HeapRequest {
  /** Only frames below 2^frameBits. */
  readonly frameBits?: number;
  /** Takes a chunk that is not scrubbed yet as gladly as a scrubbed one. */
  readonly acceptsUnscrubbed?: boolean;
}

/** Frames from 2^(zone − 1) to 2^zone − 1 are one zone. */
const zoneOf = (first: number): number => Math.max(1, 32 - Math.clz32(first));

/**
 * Buddy allocator as Xen has had it since 4.11 or so: a list for each zone of addresses and each order, the highest zone
 * that is allowed asked first. What boot gives to it waits to be scrubbed in the background and stands at the tail of its
 * list; scrubbed chunks stand at the head. A request for scrubbed memory looks at one chunk of each fitting list, puts
 * an unscrubbed one back at the tail, and asks again for any chunk when it found none. A split keeps the lower half on
 * the list and goes on with the upper one. Source: Xen, xen/common/page_alloc.c.
 *
 * Being unscrubbed is here a matter of the lists only: contents are stamped SCRUBBED when a host releases a frame.
 */
export class ZonedHeap implements FrameHeap {
  readonly #lists: readonly (readonly ChunkList[])[] = Array.from({ length: TOP_ZONE + 1 }, () =>
    Array.from({ length: MAX_ZONED_ORDER + 1 }, () => new ChunkList()),
  );
  readonly #freeInZone = new Float64Array(TOP_ZONE + 1);
  #booting = true;

  get freeFrames(): number {
    return this.#freeInZone.reduce((sum, frames) => sum + frames, 0);
  }

  /** Until `scrub` the frames count as not scrubbed. */
  addRange(first: Mfn, count: number): void {
    let at: number = first;
    const end = first + count;
    while (at < end) {
      let order = Math.min(MAX_ZONED_ORDER, Math.floor(Math.log2(end - at)));
      while (at % 2 ** order !== 0) order -= 1;
      this.#give(at, order, this.#booting ? 0 : SCRUBBED_CHUNK);
      at += 2 ** order;
    }
  }

  allocate(order: number, { frameBits = TOP_ZONE, acceptsUnscrubbed = false }: HeapRequest = {}): Mfn {
    if (order > MAX_ZONED_ORDER) return asMfn(NO_FRAME);
    const found = this.#find(order, frameBits, acceptsUnscrubbed) ?? this.#find(order, frameBits, true);
    if (found === null) return asMfn(NO_FRAME);
    const zone = zoneOf(found.chunk.first);
    let { first, firstDirty } = found.chunk;
    for (let size = found.order - 1; size >= order; size -= 1) {
      const half = 2 ** size;
      const lowerIsDirty = firstDirty !== SCRUBBED_CHUNK && firstDirty < half;
      this.#list(zone, size, { first, firstDirty: lowerIsDirty ? firstDirty : SCRUBBED_CHUNK });
      first += half;
      if (firstDirty !== SCRUBBED_CHUNK) firstDirty = Math.max(0, firstDirty - half);
    }
    this.#freeInZone[zone] -= 2 ** order;
    return asMfn(first);
  }

  allocateAt(first: Mfn, order: number): boolean {
    const holder = this.#holder(first, order);
    if (holder === null) return false;
    const zone = zoneOf(first);
    const { firstDirty } = this.#lists[zone][holder.order].take(holder.first)!;
    const dirty = firstDirty === SCRUBBED_CHUNK ? SCRUBBED_CHUNK : 0;
    let at = holder.first;
    for (let size = holder.order - 1; size >= order; size -= 1) {
      const upper = at + 2 ** size;
      const inUpper = first >= upper;
      this.#list(zone, size, { first: inUpper ? at : upper, firstDirty: dirty });
      if (inUpper) at = upper;
    }
    this.#freeInZone[zone] -= 2 ** order;
    return true;
  }

  isFree(mfn: Mfn, order = 0): boolean {
    return this.#holder(mfn, order) !== null;
  }

  free(first: Mfn, order: number): void {
    this.#give(first, order, SCRUBBED_CHUNK);
  }

  largestOrder(): number {
    for (let order = MAX_ZONED_ORDER; order >= 0; order -= 1) {
      if (this.#lists.some((zone) => zone[order].size > 0)) return order;
    }
    return -1;
  }

  forEachChunk(visit: (first: Mfn, frames: number) => void): void {
    for (const zone of this.#lists) {
      zone.forEach((list, order) => list.forEach(({ first }) => visit(asMfn(first), 2 ** order)));
    }
  }

  /** Boot is over and the idle loop has scrubbed all that was free: from each list's tail, each chunk to the head. */
  scrub(): void {
    this.#booting = false;
    for (const zone of this.#lists) {
      for (const list of zone) {
        while (list.tail !== null && list.tail.firstDirty !== SCRUBBED_CHUNK) {
          const { first } = list.take(list.tail.first)!;
          list.addHead({ first, firstDirty: SCRUBBED_CHUNK });
        }
      }
    }
  }

  checkpoint(archive: Archive): void {
    this.#lists.forEach((zone, number) =>
      zone.forEach((list, order) => archive.part(`zone ${number} order ${order}`, list)),
    );
    archive.view('freeInZone', this.#freeInZone);
    this.#booting = archive.value('booting', this.#booting);
  }

  #list(zone: number, order: number, chunk: Chunk): void {
    const list = this.#lists[zone][order];
    if (chunk.firstDirty === SCRUBBED_CHUNK) list.addHead(chunk);
    else list.addTail(chunk);
  }

  #give(first: number, order: number, firstDirty: number): void {
    const zone = zoneOf(first);
    let at = first;
    let dirty = firstDirty;
    let size = order;
    for (; size < MAX_ZONED_ORDER; size += 1) {
      const half = 2 ** size;
      const isUpper = at % (2 * half) !== 0;
      const other = isUpper ? at - half : at + half;
      if (zoneOf(other) !== zone) break;
      const buddy = this.#lists[zone][size].take(other);
      if (buddy === null) break;
      const [lower, upper] = isUpper ? [buddy.firstDirty, dirty] : [dirty, buddy.firstDirty];
      dirty = lower === SCRUBBED_CHUNK && upper !== SCRUBBED_CHUNK ? half + upper : lower;
      at = Math.min(at, other);
    }
    this.#list(zone, size, { first: at, firstDirty: dirty });
    this.#freeInZone[zone] += 2 ** order;
  }

  #find(order: number, frameBits: number, acceptsUnscrubbed: boolean): { chunk: Chunk; order: number } | null {
    for (let zone = Math.min(frameBits, TOP_ZONE); zone >= 1; zone -= 1) {
      if (this.#freeInZone[zone] < 2 ** order) continue;
      for (let size = order; size <= MAX_ZONED_ORDER; size += 1) {
        const list = this.#lists[zone][size];
        const chunk = list.takeHead();
        if (chunk === null) continue;
        if (order === 0 || acceptsUnscrubbed || chunk.firstDirty === SCRUBBED_CHUNK) return { chunk, order: size };
        list.addTail(chunk);
      }
    }
    return null;
  }

  #holder(first: number, order: number): { first: number; order: number } | null {
    const zone = zoneOf(first);
    for (let size = order; size <= MAX_ZONED_ORDER; size += 1) {
      const at = first - (first % 2 ** size);
      if (zoneOf(at) === zone && this.#lists[zone][size].get(at) !== undefined) return { first: at, order: size };
    }
    return null;
  }
}
