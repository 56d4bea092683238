import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { populateLargestFirst } from '../../../engine/paging/largest-first.js';

/** A stage that maps as long as it has tables, and a source with free chunks of these orders, each good for one chunk. */
const machine = (orders: readonly number[], mapped = Infinity) => {
  const free = [...orders];
  const asked: number[] = [];
  const given: number[] = [];
  const returned: number[] = [];
  const at = new Map<number, number>();
  let next = 0;
  const stage = {
    machineFrame: (pfn: number) => at.get(pfn) ?? NO_FRAME,
    mapRun(pfn: number, mfn: number, pages: number) {
      for (let page = 0; page < pages; page += 1) {
        if (at.size >= mapped) return false;
        at.set(pfn + page, mfn + page);
      }
      return true;
    },
  };
  const source = {
    allocate(order: number) {
      asked.push(order);
      const index = free.findIndex((size) => size >= order);
      if (index < 0) return NO_FRAME;
      free.splice(index, 1);
      given.push(order);
      next += 2 ** 10;
      return next;
    },
    giveBack: (frame: number) => void returned.push(frame),
  };
  return { stage, source, asked, given, returned, at };
};

describe('memory for a guest that the hypervisor builds by itself', () => {
  it('is one chunk where the heap has one as large', () => {
    const { stage, source, asked, at } = machine([8]);
    expect(populateLargestFirst(stage, 256, source)).toBe(256);
    expect(asked).toEqual([8]);
    expect(at.get(255)).toBe(at.get(0)! + 255);
  });

  it('is the largest that what is left has room for, and an order that failed is not tried again', () => {
    const { stage, source, asked } = machine([2, 2, 2]);
    expect(populateLargestFirst(stage, 11, source)).toBe(10);
    expect(asked).toEqual([3, 2, 2, 1, 0]);
  });

  it('is never more than was asked for, each page at one frame, and what no table could map goes back', () =>
    fc.assert(
      fc.property(
        fc.nat({ max: 300 }),
        fc.array(fc.nat({ max: 8 }), { maxLength: 40 }),
        fc.nat({ max: 400 }),
        (pages, orders, tables) => {
          const { stage, source, returned, given, at } = machine(orders, tables);
          const done = populateLargestFirst(stage, pages, source);
          expect(done).toBeLessThanOrEqual(pages);
          for (let page = 0; page < done; page += 1) expect(at.has(page)).toBe(true);
          expect(new Set([...at.values(), ...returned]).size).toBe(at.size + returned.length);
          expect(at.size + returned.length).toBe(given.reduce((sum, order) => sum + 2 ** order, 0));
        },
      ),
    ));
});
