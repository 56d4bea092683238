import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { weightedSum } from '../../../decision/methods/weighted-sum.js';
import type { NotDefined } from '../../../decision/methods/normalisation.js';
import { breakEvens, nearestFlip } from '../../../decision/sensitivity/break-even.js';
import { dominatedBy } from '../../../decision/sensitivity/dominance.js';
import { rankReversal } from '../../../decision/sensitivity/rank-reversal.js';

type Rows = readonly (readonly number[])[];

const score = (row: readonly number[], weights: readonly number[]): number =>
  row.reduce((sum, value, c) => sum + value * weights[c], 0);
const best = (rows: Rows, weights: readonly number[]): number => Math.max(...rows.map((row) => score(row, weights)));

/** The weights with one of them set and the others in proportion. */
const withWeight = (weights: readonly number[], criterion: number, weight: number): readonly number[] =>
  weights.map((other, c) => (c === criterion ? weight : (other * (1 - weight)) / (1 - weights[criterion])));

const value = fc.integer({ min: 0, max: 20 }).map((x) => x / 20);
const problem = fc.integer({ min: 2, max: 4 }).chain((criteria) =>
  fc.record({
    rows: fc.array(fc.array(value, { minLength: criteria, maxLength: criteria }), { minLength: 2, maxLength: 4 }),
    parts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: criteria, maxLength: criteria }),
  }),
);
const toOne = (parts: readonly number[]): readonly number[] => {
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
};

describe('break-even weights', () => {
  it('in closed form: (1, 0) against (0, 1) and (0.6, 0.6) from weights 0.5, 0.5', () => {
    // The third leads with 0.6. The first draws level at w₁ = 0.6, the second at w₁ = 0.4.
    const [one, two] = breakEvens(
      [
        [1, 0],
        [0, 1],
        [0.6, 0.6],
      ],
      [0.5, 0.5],
    );
    expect(one.above).toEqual({ weight: expect.closeTo(0.6, 12), alternative: 0 });
    expect(one.below).toEqual({ weight: expect.closeTo(0.4, 12), alternative: 1 });
    expect(two.above).toEqual({ weight: expect.closeTo(0.6, 12), alternative: 1 });
  });

  test('at a crossing the first and the other are equal and best, and just before it the first still is', () => {
    fc.assert(
      fc.property(problem, ({ rows, parts }) => {
        const weights = toOne(parts);
        const lead = rows.findIndex((row) => score(row, weights) === best(rows, weights));
        for (const { criterion, below, above } of breakEvens(rows, weights)) {
          for (const crossing of [below, above]) {
            if (crossing === null) continue;
            const there = withWeight(weights, criterion, crossing.weight);
            expect(score(rows[lead], there)).toBeCloseTo(score(rows[crossing.alternative], there), 9);
            expect(score(rows[lead], there)).toBeCloseTo(best(rows, there), 9);
          }
        }
      }),
    );
  });

  test('where there is no crossing on a side, the first is best up to the end of it', () => {
    fc.assert(
      fc.property(problem, ({ rows, parts }) => {
        const weights = toOne(parts);
        const lead = rows.findIndex((row) => score(row, weights) === best(rows, weights));
        for (const { criterion, below, above } of breakEvens(rows, weights)) {
          if (below === null)
            expect(score(rows[lead], withWeight(weights, criterion, 0))).toBeCloseTo(
              best(rows, withWeight(weights, criterion, 0)),
              9,
            );
          if (above === null)
            expect(score(rows[lead], withWeight(weights, criterion, 1))).toBeCloseTo(
              best(rows, withWeight(weights, criterion, 1)),
              9,
            );
        }
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  it('of a single criterion there are none', () => {
    expect(breakEvens([[1], [0]], [1])).toEqual([{ criterion: 0, below: null, above: null }]);
  });
});

describe('the nearest flip of weights', () => {
  test('makes the other as good as the first, and no weights on a fine grid are nearer and do', () => {
    const three = fc.record({
      rows: fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 4 }),
      parts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
    });
    fc.assert(
      fc.property(three, ({ rows, parts }) => {
        const weights = toOne(parts);
        const lead = rows.findIndex((row) => score(row, weights) === best(rows, weights));
        const flip = nearestFlip(rows, weights);
        if (flip !== null) {
          expect(flip.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
          expect(Math.min(...flip.weights)).toBeGreaterThanOrEqual(-1e-12);
          expect(score(rows[flip.alternative], flip.weights)).toBeCloseTo(score(rows[lead], flip.weights), 9);
        }
        for (let i = 0; i <= 40; i += 1) {
          for (let j = 0; i + j <= 40; j += 1) {
            const there = [i / 40, j / 40, (40 - i - j) / 40];
            const change = there.reduce((sum, weight, c) => sum + Math.abs(weight - weights[c]), 0);
            if (best(rows, there) - score(rows[lead], there) > 1e-9)
              expect(change).toBeGreaterThan((flip?.change ?? 9) - 1e-9);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is none where the first is better in every criterion', () => {
    expect(
      nearestFlip(
        [
          [1, 1],
          [0.5, 0.5],
        ],
        [0.3, 0.7],
      ),
    ).toBeNull();
  });
});

describe('dominance', () => {
  it('needs to be better somewhere: equal alternatives do not dominate each other', () => {
    expect(
      dominatedBy([
        [1, 1],
        [1, 1],
        [1, 0.5],
      ]),
    ).toEqual([[], [], [0, 1]]);
  });
});

describe('rank reversal', () => {
  const worsen = (row: readonly number[]): readonly number[] => row.map((figure) => figure - 0.1);
  const additive = (rows: Rows): readonly number[] => rows.map((row) => score(row, [0.5, 0.5]));

  test('additive value has none, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 5 }), (rows) => {
        expect(rankReversal(rows, additive, worsen)).toEqual({ dropped: [], worsened: [], pairs: [], circle: false });
      }),
    );
  });

  it('min-max figures have one: a loser that stretches a column decides between the first two', () => {
    const minMax = (some: Rows): readonly number[] | NotDefined =>
      weightedSum(some, [0.45, 0.55], ['higher', 'higher'], 'min-max');
    // With the third row 0.55, 0.45 + 0.55 × 7.5 / 8 and 0; without it 0.55 and 0.45.
    expect(
      minMax([
        [1, 8],
        [2, 7.5],
        [1, 0],
      ]),
    ).toEqual([0.55, 0.45 + (0.55 * 7.5) / 8, 0]);
    expect(
      minMax([
        [1, 8],
        [2, 7.5],
      ]),
    ).toEqual([0.55, 0.45]);
    const found = rankReversal(
      [
        [1, 8],
        [2, 7.5],
        [1, 0],
      ],
      minMax,
      worsen,
    );
    expect(found.dropped).toEqual([{ loser: 2, first: 0 }]);
    expect(found.pairs).toEqual([{ preferred: 0, over: 1 }]);
  });

  it('says nothing of a trial in which the method has no result', () => {
    const found = rankReversal(
      [
        [1, 1],
        [0, 0],
      ],
      (rows) => (rows.length === 2 ? rows.map(([x]) => x) : { notDefined: 'one alone' }),
      worsen,
    );
    expect(found).toEqual({ dropped: [], worsened: [], pairs: [], circle: false });
  });

  it('finds a circle of preferences between pairs', () => {
    const beats: Readonly<Record<string, number>> = { '1,2': 1, '2,3': 2, '1,3': 3 };
    const circular = (rows: Rows): readonly number[] => {
      const names = rows.map(([name]) => name);
      const winner = beats[names.toSorted((a, b) => a - b).join()] ?? 1;
      return names.map((name) => (name === winner ? 1 : 0));
    };
    expect(rankReversal([[1], [2], [3]], circular, (row) => row).circle).toBe(true);
  });

  it('of equal alternatives the order does not matter', () => {
    const tied = [
      [1, 0],
      [0, 1],
      [0, 0],
    ];
    for (const rows of [tied, tied.toReversed()]) {
      expect(rankReversal(rows, additive, worsen)).toEqual({ dropped: [], worsened: [], pairs: [], circle: false });
    }
  });
});
