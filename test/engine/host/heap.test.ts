import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../engine/host/heap.js';
import { NO_FRAME, asMfn } from '../../../engine/host/frame-number.js';

const step = fc.oneof(
  fc.record({ kind: fc.constant('allocate' as const), order: fc.nat(4) }),
  fc.record({ kind: fc.constant('allocate at' as const), order: fc.nat(4), at: fc.nat(255) }),
  fc.record({ kind: fc.constant('free' as const), which: fc.nat(50) }),
);

describe('the heap', () => {
  it('hands out disjoint aligned chunks of free frames and merges back to what it had', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 256 }), fc.array(step, { maxLength: 60 }), (frames, sequence) => {
        const heap = new Heap();
        heap.addRange(asMfn(3), frames);
        const whole = heap.largestOrder();
        const free = new Set(Array.from({ length: frames }, (_, index) => index + 3));
        const held: { first: number; order: number }[] = [];
        const take = (first: number, order: number): void => {
          expect(first % 2 ** order).toBe(0);
          for (let at = first; at < first + 2 ** order; at += 1) expect(free.delete(at)).toBe(true);
          held.push({ first, order });
        };
        for (const action of sequence) {
          if (action.kind === 'allocate') {
            const first = heap.allocate(action.order);
            if (first !== NO_FRAME) take(first, action.order);
            else expect(heap.largestOrder()).toBeLessThan(action.order);
          } else if (action.kind === 'allocate at') {
            const first = action.at - (action.at % 2 ** action.order);
            const possible = Array.from({ length: 2 ** action.order }, (_, index) => first + index).every((at) =>
              free.has(at),
            );
            expect(heap.isFree(asMfn(first), action.order)).toBe(possible);
            expect(heap.allocateAt(asMfn(first), action.order)).toBe(possible);
            if (possible) take(first, action.order);
          } else if (held.length > 0) {
            const [chunk] = held.splice(action.which % held.length, 1);
            heap.free(asMfn(chunk.first), chunk.order);
            for (let at = chunk.first; at < chunk.first + 2 ** chunk.order; at += 1) free.add(at);
          }
          expect(heap.freeFrames).toBe(free.size);
        }
        for (const { first, order } of held) heap.free(asMfn(first), order);
        expect(heap.freeFrames).toBe(frames);
        expect(heap.largestOrder()).toBe(whole);
      }),
      { seed: 11 },
    );
  });

  it('gives single frames in descending order, as a heap does that keeps the lower half of a split', () => {
    const heap = new Heap();
    heap.addRange(asMfn(0), 8);
    expect(Array.from({ length: 9 }, () => heap.allocate(0))).toEqual([7, 6, 5, 4, 3, 2, 1, 0, NO_FRAME]);
  });
});
