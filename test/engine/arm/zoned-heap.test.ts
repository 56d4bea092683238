import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZonedHeap } from '../../../engine/arm/zoned-heap.js';
import { NO_FRAME, asMfn } from '../../../engine/host/frame-number.js';

const heapOf = (...ranges: readonly (readonly [first: number, frames: number])[]): ZonedHeap => {
  const heap = new ZonedHeap();
  for (const [first, frames] of ranges) heap.addRange(asMfn(first), frames);
  return heap;
};

const chunksOf = (heap: ZonedHeap): number[][] => {
  const chunks: number[][] = [];
  heap.forEachChunk((first, frames) => chunks.push([first, frames]));
  return chunks.sort(([a], [b]) => a - b);
};

describe('the heap of zones', () => {
  it('asks the highest zone first, and only those below the limit in bits', () => {
    const heap = heapOf([64, 64], [128, 128]);
    expect(heap.allocate(5, { frameBits: 7 })).toBe(64 + 32);
    expect(heap.allocate(5)).toBe(128 + 96);
    expect(heap.allocate(6, { frameBits: 6 })).toBe(NO_FRAME);
  });

  it('keeps the lower half of a split and goes on with the upper one', () => {
    const heap = heapOf([128, 128]);
    expect(heap.allocate(5)).toBe(128 + 96);
    expect(chunksOf(heap)).toEqual([
      [128, 64],
      [192, 32],
    ]);
  });

  it('passes over one unscrubbed chunk of each fitting list before it takes one', () => {
    const ranges = [
      [128, 16],
      [160, 16],
      [192, 16],
    ] as const;
    expect(heapOf(...ranges).allocate(4)).toBe(160);
    expect(heapOf(...ranges).allocate(4, { acceptsUnscrubbed: true })).toBe(128);
  });

  it('takes a single frame from the first chunk, scrubbed or not', () => {
    expect(heapOf([128, 1], [130, 1]).allocate(0)).toBe(128);
  });

  it('puts a scrubbed chunk that comes back before the others', () => {
    const heap = heapOf([128, 16], [160, 16], [192, 16]);
    const taken = heap.allocate(4);
    heap.free(taken, 4);
    expect(heap.allocate(4)).toBe(taken);
  });

  it('keeps the order of what the idle loop scrubs, and puts it before what was scrubbed already', () => {
    const heap = heapOf([128, 16], [160, 16], [192, 16]);
    heap.free(heap.allocate(4), 4);
    heap.scrub();
    expect([heap.allocate(4), heap.allocate(4), heap.allocate(4)]).toEqual([192, 128, 160]);
  });

  it('keeps exactly the frames that are not taken, each once, merged within a zone', () => {
    const step = fc.record({
      order: fc.nat(5),
      bits: fc.integer({ min: 5, max: 9 }),
      give: fc.boolean(),
      at: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = heapOf([32, 400]);
        const free = new Set(Array.from({ length: 400 }, (_, index) => 32 + index));
        const taken: { first: number; order: number }[] = [];
        for (const { order, bits, give, at } of steps) {
          if (give && taken.length > 0) {
            const [chunk] = taken.splice(at % taken.length, 1);
            heap.free(asMfn(chunk.first), chunk.order);
            for (let page = 0; page < 2 ** chunk.order; page += 1) free.add(chunk.first + page);
          } else {
            const first =
              at % 3 === 0 ? takeAt(heap, 32 + (at % 400), order) : heap.allocate(order, { frameBits: bits });
            if (first === NO_FRAME) continue;
            expect(first % 2 ** order).toBe(0);
            if (at % 3 !== 0) expect(first + 2 ** order).toBeLessThanOrEqual(2 ** bits);
            for (let page = 0; page < 2 ** order; page += 1) expect(free.delete(first + page)).toBe(true);
            taken.push({ first, order });
          }
        }
        const listed = chunksOf(heap).flatMap(([first, frames]) =>
          Array.from({ length: frames }, (_, at) => first + at),
        );
        expect(listed).toEqual([...free].sort((a, b) => a - b));
        expect(heap.freeFrames).toBe(free.size);
        for (const { first, order } of taken) heap.free(asMfn(first), order);
        expect(chunksOf(heap)).toEqual(chunksOf(heapOf([32, 400])));
      }),
    );
  });
});

const takeAt = (heap: ZonedHeap, near: number, order: number): number => {
  const first = asMfn(near - (near % 2 ** order));
  return heap.allocateAt(first, order) ? first : NO_FRAME;
};
