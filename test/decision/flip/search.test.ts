import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FlipAxis, FlipPoint } from '../../../contracts/flip.js';
import { searchFlips, type FlipEvaluator, type SearchLimits } from '../../../decision/flip/search.js';
import { pointOf } from '../../../decision/flip/standing.js';

const axis = (low: number, high: number, rest: Partial<FlipAxis> = {}): FlipAxis => ({
  workload: 'suite/load',
  parameter: 'rate',
  title: 'Rate',
  unit: 'pages/s',
  low,
  high,
  nominal: low,
  scale: 'linear',
  whole: false,
  range: 'asked',
  ...rest,
});

const limits: SearchLimits = { budget: 1000, runsAPoint: 2, resolution: 0.01, parts: 8 };

/** Two alternatives: `a` scores one half everywhere, `b` one half and what the function says. */
function against(lead: (at: number) => number): FlipEvaluator & { readonly asked: number[] } {
  const asked: number[] = [];
  const evaluate = (_: FlipAxis, values: readonly number[]): Promise<readonly FlipPoint[]> => {
    asked.push(...values);
    return Promise.resolve(values.map((at) => pointOf(at, { a: 0.5, b: 0.5 + lead(at) })));
  };
  return Object.assign(evaluate, { asked });
}

describe('the search for flip points', () => {
  test('a crossing of two straight lines lies in the interval, which is as narrow as asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 10.01, max: 99.99, noNaN: true }), async (root) => {
        const { crossings, complete } = await searchFlips(
          axis(10, 100),
          against((at) => (at - root) / 1000),
          limits,
        );
        expect(complete).toBe(true);
        expect(crossings).toHaveLength(1);
        const [{ low, high, before, after, narrow }] = crossings;
        expect(low).toBeLessThanOrEqual(root);
        expect(high).toBeGreaterThanOrEqual(root);
        expect([before, after, narrow]).toEqual([['a'], ['b'], true]);
        expect(high - low).toBeLessThanOrEqual(2 * 0.01 * 90 + 1e-9);
      }),
    );
  });

  test('two crossings are both told, in order', async () => {
    const bump = against((at) => 0.1 - ((at - 50) / 100) ** 2);
    const { crossings } = await searchFlips(axis(0, 100), bump, limits);
    const roots = [50 - 100 * Math.sqrt(0.1), 50 + 100 * Math.sqrt(0.1)];
    expect(crossings.map(({ before, after }) => [before, after])).toEqual([
      [['a'], ['b']],
      [['b'], ['a']],
    ]);
    for (const [at, { low, high }] of crossings.entries()) {
      expect(low).toBeLessThanOrEqual(roots[at]);
      expect(high).toBeGreaterThanOrEqual(roots[at]);
    }
  });

  test('no crossing is told with the range that was looked at', async () => {
    const { crossings, searched, complete } = await searchFlips(
      axis(5, 80),
      against(() => -0.1),
      limits,
    );
    expect([crossings, searched, complete]).toEqual([[], { low: 5, high: 80 }, true]);
  });

  test('a tie over an interval is a state of its own, with a crossing on either side', async () => {
    const flat = against((at) => Math.min(0, at - 30) + Math.max(0, at - 70));
    const { crossings } = await searchFlips(axis(0, 100), flat, limits);
    expect(crossings.map(({ before, after }) => [before, after])).toEqual([
      [['a'], ['a', 'b']],
      [['a', 'b'], ['b']],
    ]);
    for (const [at, root] of [30, 70].entries()) {
      expect(crossings[at].low).toBeLessThanOrEqual(root);
      expect(crossings[at].high).toBeGreaterThanOrEqual(root);
    }
  });

  test('a tie at one value is the place of one crossing', async () => {
    const { crossings } = await searchFlips(
      axis(0, 100),
      against((at) => at - 50),
      limits,
    );
    expect(crossings.map(({ before, after }) => [before, after])).toEqual([[['a'], ['b']]]);
    const [{ low, high }] = crossings;
    expect(low).toBeLessThan(50);
    expect(high).toBeGreaterThan(50);
  });

  test('two that touch and part again do not cross', async () => {
    const { crossings } = await searchFlips(
      axis(0, 100),
      against((at) => -((at - 50) ** 2)),
      limits,
    );
    expect(crossings).toEqual([]);
  });

  test('a range of many powers of ten is divided by equal factors', async () => {
    const root = 300;
    const wide = axis(1, 1e6, { scale: 'log' });
    const [{ low, high }] = (
      await searchFlips(
        wide,
        against((at) => at - root),
        limits,
      )
    ).crossings;
    expect(low).toBeLessThanOrEqual(root);
    expect(high).toBeGreaterThanOrEqual(root);
    expect(high / low).toBeLessThanOrEqual(1e6 ** 0.02);
  });

  test('only whole numbers are asked for where others mean nothing', async () => {
    const evaluate = against((at) => at - 3.5);
    const { crossings, complete } = await searchFlips(axis(1, 9, { whole: true }), evaluate, limits);
    expect(evaluate.asked.every((value) => Number.isInteger(value))).toBe(true);
    expect(crossings.map(({ low, high }) => [low, high])).toEqual([[3, 4]]);
    expect(complete).toBe(true);
  });

  test('never more runs than the budget; what was found by then is told, and that it is not all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), async (budget) => {
        const evaluate = against((at) => at - 33.3);
        const found = await searchFlips(axis(0, 100), evaluate, { ...limits, budget });
        expect(found.runs).toBeLessThanOrEqual(budget);
        expect(found.runs).toBe(2 * evaluate.asked.length);
        expect(new Set(evaluate.asked).size).toBe(evaluate.asked.length);
        const [crossing] = found.crossings;
        if (!found.complete && crossing !== undefined) expect(crossing.narrow).toBe(false);
        if (budget >= 4) {
          expect(crossing.low).toBeLessThanOrEqual(33.3);
          expect(crossing.high).toBeGreaterThanOrEqual(33.3);
        }
      }),
    );
  });

  test('points that are known cost nothing and are not asked for again', async () => {
    const evaluate = against((at) => at - 33.3);
    const first = await searchFlips(axis(0, 100), evaluate, limits);
    const again = against(() => Number.NaN);
    const second = await searchFlips(axis(0, 100), again, limits, first.points);
    expect(again.asked).toEqual([]);
    expect(second).toEqual({ ...first, runs: 0 });
  });

  test('values at which a run failed are no evidence: the range that was looked at ends before them', async () => {
    const evaluate: FlipEvaluator = (_, values) =>
      Promise.resolve(
        values.map((at) =>
          at > 60
            ? { at, scores: {}, eligible: [], preferred: [], failure: 'memory ran out' }
            : pointOf(at, { a: 0.5, b: at / 200 }),
        ),
      );
    const { crossings, searched } = await searchFlips(axis(0, 100), evaluate, limits);
    expect(searched).toEqual({ low: 0, high: 50 });
    expect(crossings).toEqual([]);
  });
});
