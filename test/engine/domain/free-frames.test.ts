import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../engine/host/arena.js';
import { FreeFrames } from '../../../engine/domain/free-frames.js';
import { type Pfn, asPfn } from '../../../engine/host/frame-number.js';

const pfns = (...numbers: readonly number[]): Pfn[] => numbers.map(asPfn);

const freeOf = (...numbers: readonly number[]): FreeFrames => {
  const free = new FreeFrames(new Arena());
  free.set(pfns(...numbers));
  return free;
};

/** The lowest aligned block that is in the list as a whole, looked for the long way. */
const lowestBlock = (list: readonly Pfn[], count: number): number | null => {
  const has = new Set<number>(list);
  const starts = list.filter((pfn) => pfn % count === 0).toSorted((a, b) => a - b);
  return (
    starts.find((start) => Array.from({ length: count }, (_, at) => start + at).every((pfn) => has.has(pfn))) ?? null
  );
};

/** A list that is searched and copied each time. */
class SlowFrames {
  frames: Pfn[] = [];

  takeBlock(count: number): Pfn | null {
    const first = lowestBlock(this.frames, count);
    if (first === null) return null;
    this.frames = this.frames.filter((pfn) => pfn < first || pfn >= first + count);
    return asPfn(first);
  }

  takeThat(fits: (pfn: Pfn) => boolean): Pfn | null {
    const found = this.frames.find(fits) ?? null;
    this.frames = this.frames.filter((pfn) => pfn !== found);
    return found;
  }

  giveBack(pfn: Pfn): void {
    this.frames.unshift(pfn);
  }
}

describe('the free frames of a kernel', () => {
  it('come in the order that they were set in, the last given back first', () => {
    const free = freeOf(3, 1, 2);
    free.giveBack(asPfn(7));
    expect([free.take(), free.take(), free.take(), free.take(), free.take()]).toEqual([7, 3, 1, 2, null]);
  });

  it('go by whole aligned blocks, the lowest first, and leave the order of the others', () => {
    const free = freeOf(9, 8, 5, 7, 4, 6, 3, 2, 1);
    expect(free.takeBlock(4)).toBe(4);
    expect([free.count, free.copy()]).toEqual([5, [9, 8, 3, 2, 1]]);
    expect(free.takeBlock(4)).toBe(null);
    free.giveBack(asPfn(0));
    expect(free.takeBlock(4)).toBe(0);
    expect(free.takeBlock(2)).toBe(8);
    expect([free.count, free.take()]).toEqual([0, null]);
  });

  it('are a block again once the last of it came back', () => {
    const free = freeOf(0, 1, 2, 3, 4, 5, 6, 7);
    expect([free.takeBlock(4), free.takeBlock(4), free.takeBlock(4)]).toEqual([0, 4, null]);
    for (const pfn of pfns(3, 1, 0)) free.giveBack(pfn);
    expect(free.takeBlock(4)).toBe(null);
    free.giveBack(asPfn(2));
    expect(free.takeBlock(4)).toBe(0);
  });

  it('are those of a list that is searched each time, in any order of taking and giving back', () => {
    const step = fc.record({
      kind: fc.constantFrom(
        'take',
        'take block',
        'take that',
        'take all',
        'take run',
        'give back',
        'give back all',
        'copy',
      ),
      number: fc.nat(40),
    });
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(32).keys()]), fc.array(step, { maxLength: 60 }), (first, steps) => {
        const free = freeOf(...first);
        const slow = new SlowFrames();
        slow.frames = pfns(...first);
        const out = pfns(...[...Array(32).keys()].filter((pfn) => !first.includes(pfn)));
        const took = (pfn: Pfn | null, count = 1): void => {
          if (pfn !== null) for (let at = 0; at < count; at += 1) out.push(asPfn(pfn + at));
        };
        for (const { kind, number } of steps) {
          if (kind === 'take') {
            const pfn = free.take();
            expect(pfn).toBe(slow.frames.shift() ?? null);
            took(pfn);
          } else if (kind === 'take block') {
            const count = 2 ** (1 + (number % 3));
            const pfn = free.takeBlock(count);
            expect(pfn).toBe(slow.takeBlock(count));
            took(pfn, count);
          } else if (kind === 'take that') {
            const pfn = free.takeThat((each) => each % 7 === number % 7);
            expect(pfn).toBe(slow.takeThat((each) => each % 7 === number % 7));
            took(pfn);
          } else if (kind === 'take all') {
            const taken = free.takeAll((each) => each % 5 === number);
            expect(taken.toReversed()).toEqual(slow.frames.filter((each) => each % 5 === number));
            slow.frames = slow.frames.filter((each) => each % 5 !== number);
            out.push(...taken);
          } else if (kind === 'take run') {
            const pfn = free.takeRun(3);
            if (pfn !== null) slow.frames = slow.frames.filter((each) => each < pfn || each > pfn + 2);
            took(pfn, 3);
          } else if (kind !== 'copy') {
            const back = out.splice(0, kind === 'give back' ? 1 : out.length);
            for (const pfn of back) free.giveBack(pfn);
            for (const pfn of back) slow.giveBack(pfn);
          }
          expect(free.count).toBe(slow.frames.length);
          if (kind === 'copy') expect(free.copy()).toEqual(slow.frames);
        }
        expect(free.copy()).toEqual(slow.frames);
      }),
      { numRuns: 300 },
    );
  });
});
