import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isNotDefined } from '../../../decision/methods/normalisation.js';
import { consistencyRatio, pairwiseWeights } from '../../../decision/weighting/ahp.js';
import { orderedPoints, overSum } from '../../../decision/weighting/draw-weights.js';
import { criticWeights, entropyWeights } from '../../../decision/weighting/from-data.js';
import { rankOrderCentroid } from '../../../decision/weighting/rank-order-centroid.js';
import { swingWeights } from '../../../decision/weighting/swing.js';
import { haltonDimension } from '../../../sampling/halton.js';

describe('rank-order centroid', () => {
  it('of three: 11/18, 5/18, 2/18', () => {
    expect(rankOrderCentroid([2, 1, 3]).map((weight) => Math.round(weight * 18 * 1e9) / 1e9)).toEqual([5, 11, 2]);
  });

  it('criteria that share a place share the mean of its weights, and gaps in the places do not matter', () => {
    const [first, second, third] = rankOrderCentroid([1, 2, 2]);
    expect(second).toBe(third);
    expect(first + second + third).toBeCloseTo(1, 12);
    expect(rankOrderCentroid([1, 7, 7])).toEqual([first, second, third]);
  });

  test('is the mean of weights drawn uniformly among those that keep the order', () => {
    for (const order of [
      [2, 1, 3],
      [1, 2, 2],
      [1, 1, 2, 3],
    ]) {
      const drawn = orderedPoints(
        order.map((_, c) => haltonDimension(3, `w${c}`, [2, 3, 5, 7][c], 8192)),
        order,
      );
      rankOrderCentroid(order).forEach((weight, c) =>
        expect(Math.abs(drawn[c].reduce((sum, each) => sum + each, 0) / 8192 - weight)).toBeLessThan(0.003),
      );
      drawn.forEach((column, a) =>
        drawn.forEach((other, b) => {
          if (order[a] < order[b]) expect(column.every((weight, s) => weight >= other[s])).toBe(true);
        }),
      );
    }
  });
});

describe('swings', () => {
  it('are weights in proportion, the largest being 100', () => {
    expect(swingWeights([100, 50, 50])).toEqual([0.5, 0.25, 0.25]);
  });

  it.each([
    [[90, 10], 'the most valued swing is 100, not 90'],
    [[100, -1], 'a swing is not below zero'],
    [[100, NaN], 'a swing is not below zero'],
  ])('%j is refused', (swings, message) => expect(() => swingWeights(swings)).toThrow(message));
});

describe('pairwise comparisons', () => {
  test('a matrix of the ratios of weights gives those weights back, with a consistency ratio of 0', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (parts) => {
        const sum = parts.reduce((total, part) => total + part, 0);
        const { weights, consistencyIndex } = pairwiseWeights(parts.map((a) => parts.map((b) => a / b)));
        weights.forEach((weight, c) => expect(weight).toBeCloseTo(parts[c] / sum, 9));
        expect(consistencyRatio(consistencyIndex, parts.length, 'Saaty 1980')).toBeCloseTo(0, 9);
      }),
    );
  });

  it.each([
    [
      [
        [1, 2],
        [0.4, 1],
      ],
      'not reciprocal',
    ],
    [
      [
        [1, 0],
        [0, 1],
      ],
      'not above zero',
    ],
    [[[1, 2]], 'has 2 entries, not 1'],
  ])('%j is refused', (matrix, message) => expect(() => pairwiseWeights(matrix)).toThrow(message));

  it('the ratio of an order that the table does not have is none', () => {
    expect(consistencyRatio(0.1, 16, 'Saaty 1980')).toBeNull();
    expect(consistencyRatio(0.1, 2, 'Saaty 1980')).toBe(0);
  });
});

describe('weights that the figures alone would give', () => {
  it('a constant column has none, be it of zeros', () => {
    expect(
      entropyWeights([
        [1, 0, 3],
        [2, 0, 3],
      ]),
    ).toEqual([1, 0, 0]);
    const critic = criticWeights(
      [
        [1, 0, 3],
        [2, 0, 3],
      ],
      ['higher', 'higher', 'higher'],
    );
    expect(critic).toEqual([1, 0, 0]);
  });

  it('are not defined, with a reason, where all columns are constant, for one alternative, and for entropy below zero', () => {
    const reasons = [
      entropyWeights([[1], [1]]),
      criticWeights([[1], [1]], ['higher']),
      entropyWeights([[1, 2]]),
      criticWeights([[1, 2]], ['higher', 'higher']),
      entropyWeights([[-1], [2]]),
    ].map((found) => (isNotDefined(found) ? found.notDefined : 'defined'));
    expect(reasons).toEqual([
      'every criterion has the same figure for all',
      'every criterion has the same figure for all',
      'one alternative says nothing of how criteria differ',
      'every criterion has the same figure for all',
      'shares of figures below zero have no entropy',
    ]);
  });
});

test('weights over their sum: a sample of zeros weighs all alike', () => {
  expect(overSum([Float64Array.of(1, 0), Float64Array.of(3, 0)]).map((column) => [...column])).toEqual([
    [0.25, 0.5],
    [0.75, 0.5],
  ]);
});
