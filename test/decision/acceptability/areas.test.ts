import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { convergenceOf } from '../../../decision/acceptability/convergence.js';
import { type SampledProblem, acceptability, confidenceFactors } from '../../../decision/acceptability/smaa.js';
import { exactFirstShares } from '../../../decision/acceptability/two-criteria.js';
import { simplexPoints } from '../../../decision/weighting/draw-weights.js';
import { haltonDimension } from '../../../sampling/halton.js';

type Rows = readonly (readonly number[])[];

/** Known values under weights that are uniform on the simplex. */
const uniform = (rows: Rows, samples: number, seed = 1): SampledProblem => {
  const criteria = rows[0].length;
  const columns = simplexPoints(
    Array.from({ length: criteria }, (_, c) => haltonDimension(seed, `weight ${c}`, [2, 3, 5, 7, 11][c], samples)),
  );
  return {
    samples,
    alternatives: rows.length,
    criteria,
    values: Float64Array.from(Array.from({ length: samples }, () => rows).flat(2)),
    weights: Float64Array.from(
      { length: samples * criteria },
      (_, at) => columns[at % criteria][Math.floor(at / criteria)],
    ),
  };
};

const firsts = (problem: SampledProblem): readonly number[] => acceptability(problem).ranks.map(([first]) => first);

const near = (actual: readonly number[], expected: readonly number[], within: number): void =>
  expected.forEach((share, a) =>
    expect(Math.abs(actual[a] - share), `${actual[a]}, not ${share}`).toBeLessThan(within),
  );

describe('shares of the simplex in which an alternative is first', () => {
  it('three criteria, each alternative the best in one: a third each', () => {
    near(
      firsts(
        uniform(
          [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
          ],
          8192,
        ),
      ),
      [1 / 3, 1 / 3, 1 / 3],
      0.003,
    );
  });

  it('one that is h in all three wins where no weight exceeds h: 1 − 3(1 − h)² from h = 1/2', () => {
    for (const h of [0.5, 0.6, 0.75]) {
      const corner = (1 - h) ** 2;
      near(
        firsts(
          uniform(
            [
              [1, 0, 0],
              [0, 1, 0],
              [0, 0, 1],
              [h, h, h],
            ],
            8192,
          ),
        ),
        [corner, corner, corner, 1 - 3 * corner],
        0.004,
      );
    }
  });

  it('one half against all of the third criterion: the triangle w₃ > 1/2 is a quarter', () => {
    near(
      firsts(
        uniform(
          [
            [0.5, 0.5, 0.5],
            [0, 0, 1],
          ],
          8192,
        ),
      ),
      [3 / 4, 1 / 4],
      0.003,
    );
  });

  test('two criteria: samples agree with the exact shares', () => {
    const value = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 5 }), (rows) => {
        const exact = exactFirstShares(rows);
        expect(exact.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        near(firsts(uniform(rows, 2048)), exact, 0.01);
      }),
      { numRuns: 50 },
    );
  });

  it('two criteria, three lines: crossings at 1/3 and 2/3', () => {
    expect(
      exactFirstShares([
        [1, 0],
        [0, 1],
        [2 / 3, 2 / 3],
      ]).map((share) => share.toFixed(12)),
    ).toEqual([1 / 3, 1 / 3, 1 / 3].map((share) => share.toFixed(12)));
  });
});

describe('central weights and confidence factors', () => {
  it('are the centroid of the part that an alternative wins, and 1 where values are known', () => {
    const problem = uniform(
      [
        [1, 0],
        [0, 1],
      ],
      8192,
    );
    const found = acceptability(problem);
    near(found.centralWeights[0]!, [0.75, 0.25], 0.001);
    expect(confidenceFactors(problem, found)).toEqual([1, 1]);
  });

  it('are none, not zero, for an alternative that is never first', () => {
    const problem = uniform(
      [
        [1, 0.5],
        [0.4, 0.4],
      ],
      64,
    );
    const found = acceptability(problem);
    expect(found.centralWeights[1]).toBeNull();
    expect(confidenceFactors(problem, found)).toEqual([1, null]);
  });
});

describe('ties', () => {
  it('share ranks and central weights evenly, count half in pairs, and are one ranking', () => {
    const found = acceptability(
      uniform(
        [
          [0.5, 0.5],
          [0.5, 0.5],
          [0, 0],
        ],
        64,
      ),
    );
    expect(found.ranks).toEqual([
      [0.5, 0.5, 0],
      [0.5, 0.5, 0],
      [0, 0, 1],
    ]);
    expect(found.pairwise).toEqual([
      [0, 0.5, 1],
      [0.5, 0, 1],
      [0, 0, 0],
    ]);
    expect(found.centralWeights[0]).toEqual(found.centralWeights[1]);
    expect(found.rankEntropy).toBe(0);
  });

  it('that only rounding tells apart are one ranking too', () => {
    const wobble = 1e-15;
    const rows = [
      [[0.5], [0.5 + wobble]],
      [[0.5 + wobble], [0.5]],
    ];
    const problem = {
      samples: 2,
      alternatives: 2,
      criteria: 1,
      values: Float64Array.from(rows.flat(2)),
      weights: Float64Array.of(1, 1),
    };
    expect(acceptability(problem).rankEntropy).toBe(0);
  });
});

test('one alternative is first in every sample', () => {
  expect(acceptability(uniform([[0.2, 0.3]], 64))).toMatchObject({ ranks: [[1]], pairwise: [[0]], rankEntropy: 0 });
});

describe('convergence', () => {
  it('of low-discrepancy points: after 8192 the share of a known area has settled within 0.003', () => {
    const { samples, shares, settledWithin } = convergenceOf(
      uniform(
        [
          [0.5, 0.5, 0.5],
          [0, 0, 1],
        ],
        8192,
      ),
      1,
    );
    expect(samples).toEqual([64, 128, 256, 512, 1024, 2048, 4096, 8192]);
    expect(Math.abs(shares.at(-1)! - 0.25)).toBeLessThan(0.002);
    expect(settledWithin).toBe(Math.max(...shares.slice(-2).map((share) => Math.abs(share - shares.at(-1)!))));
    expect(settledWithin).toBeLessThan(0.003);
  });

  it('of fewer samples than the first size has one entry', () => {
    expect(
      convergenceOf(
        uniform(
          [
            [1, 0],
            [0, 1],
          ],
          10,
        ),
        0,
      ),
    ).toMatchObject({ samples: [10], settledWithin: 0 });
  });
});
