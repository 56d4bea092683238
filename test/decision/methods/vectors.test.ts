import { describe, expect, it } from 'vitest';
import {
  type SampledProblem,
  acceptability,
  entropyOfCounts,
  scoreInto,
} from '../../../decision/acceptability/smaa.js';
import { exactFirstShares } from '../../../decision/acceptability/two-criteria.js';
import { perfectInformation } from '../../../decision/information/perfect-information.js';
import {
  type Direction,
  type Matrix,
  type Normalisation,
  isNotDefined,
} from '../../../decision/methods/normalisation.js';
import { type Preference, promethee } from '../../../decision/methods/promethee.js';
import { ranksOf } from '../../../decision/methods/ranks.js';
import { topsis } from '../../../decision/methods/topsis.js';
import { vikor } from '../../../decision/methods/vikor.js';
import { weightedProduct } from '../../../decision/methods/weighted-product.js';
import { weightedSum } from '../../../decision/methods/weighted-sum.js';
import { breakEvens, nearestFlip } from '../../../decision/sensitivity/break-even.js';
import { valueOf } from '../../../decision/value-function.js';
import { consistencyRatio, pairwiseWeights } from '../../../decision/weighting/ahp.js';
import { criticWeights, entropyWeights } from '../../../decision/weighting/from-data.js';
import { haltonDimension } from '../../../sampling/halton.js';
import vectors from './vectors.json' with { type: 'json' };

/**
 * Test vectors from other packages and from papers, each with its source in the file. A number may be written as a fraction, and
 * `normalisation` is a sentence that the table below translates.
 */
interface Vector {
  readonly id: string;
  readonly method: string;
  readonly normalisation?: string;
  readonly matrix: Matrix;
  readonly weights: readonly (number | string)[] | 'CRITIC' | 'ENTROPY';
  readonly types: readonly (1 | -1)[];
  readonly tol: number;
  readonly expect: Readonly<Record<string, never>>;
}

const all = vectors as unknown as readonly Vector[];
const of = (...methods: readonly string[]): readonly Vector[] => all.filter(({ method }) => methods.includes(method));
const defined = <Result>(result: Result): Exclude<Result, { notDefined: string }> => {
  if (isNotDefined(result)) throw new Error(result.notDefined);
  return result as Exclude<Result, { notDefined: string }>;
};

const NORMALISATIONS: readonly (readonly [start: string, normalisation: Normalisation])[] = [
  ['sum (linear3', 'share'],
  ['sum', 'sum'],
  ['cost -> 1/x', 'sum'],
  ['as wsm-3', 'sum'],
  ['linear1', 'linear'],
  ['linear2', 'min-max'],
  ['min-max', 'min-max'],
  ['vector', 'vector'],
  ['none', 'none'],
];

const normalisationOf = ({ id, normalisation = 'vector' }: Vector): Normalisation => {
  const found = NORMALISATIONS.find(([start]) => normalisation.startsWith(start));
  if (found === undefined) throw new Error(`vector ${id} has a normalisation that the test does not know`);
  return found[1];
};

const directionsOf = ({ types }: Vector): Direction[] => types.map((type) => (type === 1 ? 'higher' : 'lower'));

const asNumber = (text: number | string): number => {
  const [over, under = 1] = String(text).split('/').map(Number);
  return over / under;
};

const weightsOf = (vector: Vector): readonly number[] => {
  const { weights, matrix } = vector;
  if (weights === 'CRITIC') return defined(criticWeights(matrix, directionsOf(vector)));
  if (weights === 'ENTROPY') return defined(entropyWeights(matrix));
  const numbers = weights.map(asNumber);
  const text = `${vector.normalisation} ${(vector as { weights_note?: string }).weights_note}`;
  if (!text.includes('divided by their sum') && !text.includes('divide by the sum')) return numbers;
  const sum = numbers.reduce((total, weight) => total + weight, 0);
  return numbers.map((weight) => weight / sum);
};

/** Every figure within the vector's own tolerance. */
const near = (actual: readonly number[], expected: readonly number[], tolerance: number): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((figure, index) =>
    expect(
      Math.abs(figure - expected[index]),
      `figure ${index + 1}: ${figure}, not ${expected[index]}`,
    ).toBeLessThanOrEqual(tolerance),
  );
};

describe('weighted sum', () => {
  it.each(of('WSM'))('$id', (vector) => {
    const score = defined(weightedSum(vector.matrix, weightsOf(vector), directionsOf(vector), normalisationOf(vector)));
    near(score, vector.expect.score, vector.tol);
    expect(ranksOf(score)).toEqual(vector.expect.rank);
  });
});

describe('weighted product', () => {
  it.each(of('WPM'))('$id', (vector) => {
    const product = defined(
      weightedProduct(vector.matrix, weightsOf(vector), directionsOf(vector), normalisationOf(vector)),
    );
    const inLogs = vector.normalisation!.includes('log10');
    near(inLogs ? product.map(Math.log10) : product, vector.expect.score, vector.tol);
    expect(ranksOf(product)).toEqual(vector.expect.rank);
  });
});

describe('TOPSIS', () => {
  it.each(of('TOPSIS'))('$id', (vector) => {
    const { score, ideal, antiIdeal } = defined(
      topsis(vector.matrix, weightsOf(vector), directionsOf(vector), normalisationOf(vector)),
    );
    near(score, vector.expect.score, vector.tol);
    if ('rank' in vector.expect) expect(ranksOf(score, vector.tol)).toEqual(vector.expect.rank);
    if ('ideal' in vector.expect) near(ideal, vector.expect.ideal, vector.tol);
    if ('anti' in vector.expect) near(antiIdeal, vector.expect.anti, vector.tol);
  });
});

describe('PROMETHEE II', () => {
  it.each(of('PROMETHEE_II'))('$id', (vector) => {
    const { pref, p, q } = vector as unknown as { pref: string; p: readonly number[]; q: readonly number[] };
    const preferences = vector.types.map((_, index): Preference =>
      pref === 'usual' ? { kind: 'usual' } : { kind: 'linear', indifference: q[index], preference: p[index] },
    );
    const { net } = promethee(vector.matrix, weightsOf(vector), directionsOf(vector), preferences);
    near(net, vector.expect.net, vector.tol);
    expect(ranksOf(net)).toEqual(vector.expect.rank);
  });
});

describe('VIKOR', () => {
  it.each(of('VIKOR'))('$id', (vector) => {
    const { v } = vector as unknown as { v: number };
    const outcome = vikor(vector.matrix, weightsOf(vector), directionsOf(vector), v);
    for (const part of ['S', 'R', 'Q'] as const) {
      if (part in vector.expect) near(outcome[part], vector.expect[part], vector.tol);
    }
    if ('advantage' in vector.expect) expect(outcome.advantage).toBe(vector.expect.advantage);
    if ('stability' in vector.expect) expect(outcome.stability).toBe(vector.expect.stability);
    if ('compromise' in vector.expect)
      expect(outcome.compromise.toSorted((a, b) => a - b)).toEqual(vector.expect.compromise);
    const ranks = ranksOf(outcome.Q.map((q) => -q));
    if ('rank' in vector.expect) expect(ranks).toEqual(vector.expect.rank);
    if ('rank_with_compromise' in vector.expect) {
      const together = outcome.Q.map((q, index) => (outcome.compromise.includes(index) ? 1 : -q));
      // The source counts distinct ranks, so that no number is left out after a tie.
      const tied = ranksOf(together);
      const distinct = [...new Set(tied)].toSorted((a, b) => a - b);
      expect(tied.map((rank) => distinct.indexOf(rank) + 1)).toEqual(vector.expect.rank_with_compromise);
    }
  });
});

it('VIKOR is the same when a column is moved and scaled', () => {
  const vector = of('VIKOR').find(({ id }) => id === 'vikor-3-opricovic2004')!;
  const moved = vector.matrix.map(([risk, altitude]) => [risk + 5, altitude / 1000 - 1]);
  const { S, R, Q } = vikor(moved, weightsOf(vector), directionsOf(vector), 0.5);
  near(S, vector.expect['S'], vector.tol);
  near(R, vector.expect['R'], vector.tol);
  near(Q, vector.expect['Q'], vector.tol);
});

it('on one table VIKOR prefers another alternative than the other four methods', () => {
  const vector = all.find(({ id }) => id === 'vikor-11-kshana')!;
  const [weights, directions] = [weightsOf(vector), directionsOf(vector)];
  const first = (scores: readonly number[]): number => ranksOf(scores).indexOf(1);
  const usual = directions.map((): Preference => ({ kind: 'usual' }));
  expect([
    first(defined(weightedSum(vector.matrix, weights, directions, 'sum'))),
    first(defined(weightedProduct(vector.matrix, weights, directions, 'sum'))),
    first(defined(topsis(vector.matrix, weights, directions)).score),
    first(promethee(vector.matrix, weights, directions, usual).net),
    first(vikor(vector.matrix, weights, directions).Q.map((q) => -q)),
  ]).toEqual([2, 2, 2, 2, 3]);
});

type Pairs = readonly (readonly [string, string, number])[];

const matrixOfPairs = (names: readonly string[], pairs: Pairs): number[][] =>
  names.map((row) =>
    names.map((column) => {
      for (const [one, other, times] of pairs) {
        if (one === row && other === column) return times;
        if (one === column && other === row) return 1 / times;
      }
      if (row === column) return 1;
      throw new Error(`${row} and ${column} are not compared`);
    }),
  );

describe('pairwise comparisons', () => {
  it.each(of('AHP'))('$id', (vector) => {
    const { names, pairs, cr_tol } = vector as unknown as { names: string[]; pairs?: Pairs; cr_tol?: number };
    const matrix = pairs === undefined ? vector.matrix : matrixOfPairs(names, pairs);
    const { weights, lambdaMax, consistencyIndex } = pairwiseWeights(matrix);
    const order = matrix.length;
    near(weights, vector.expect.weights, vector.tol);
    if ('lambda_max' in vector.expect) near([lambdaMax], [vector.expect.lambda_max], vector.tol);
    for (const [key, table] of [
      ['cr_saaty', 'Saaty 1980'],
      ['cr_donegan_dodd', 'Donegan and Dodd 1991'],
    ] as const) {
      if (!(key in vector.expect)) continue;
      near([consistencyRatio(consistencyIndex, order, table)!], [vector.expect[key]], cr_tol ?? vector.tol);
    }
  });

  it.each(of('AHP_HIERARCHY'))('$id', (vector) => {
    const given = vector as unknown as {
      criteria: string[];
      alternatives: string[];
      criteria_pairs?: Pairs;
      alternative_pairs: Readonly<Record<string, Pairs>>;
      criteria_matrix: Matrix;
      alternative_matrices: readonly Matrix[];
      priority?: string;
    };
    const method = given.priority === 'column_mean' ? 'column mean' : 'eigenvector';
    const ofCriteria =
      given.criteria_pairs === undefined ? given.criteria_matrix : matrixOfPairs(given.criteria, given.criteria_pairs);
    const ofAlternatives =
      given.criteria_pairs === undefined
        ? given.alternative_matrices
        : given.criteria.map((criterion) => matrixOfPairs(given.alternatives, given.alternative_pairs[criterion]));
    const criteria = pairwiseWeights(ofCriteria, method);
    const local = ofAlternatives.map((matrix) => pairwiseWeights(matrix, method).weights);
    const table = local[0].map((_, alternative) => local.map((column) => column[alternative]));
    const score = defined(
      weightedSum(
        table,
        criteria.weights,
        local.map(() => 'higher' as const),
        'none',
      ),
    );
    near(score, vector.expect.score, vector.tol);
    expect(ranksOf(score)).toEqual(vector.expect.rank);
    if (!('ci' in vector.expect)) return;
    near([criteria.consistencyIndex], [vector.expect.ci], vector.tol);
    near([consistencyRatio(criteria.consistencyIndex, 3, 'Saaty 2005')!], [vector.expect.cr], vector.tol);
    const under1980 = consistencyRatio(criteria.consistencyIndex, 3, 'Saaty 1980')!;
    expect(under1980.toFixed(4)).toBe('0.0465');
  });
});

/** Figures of sample after sample in one array. */
const sampled = (values: readonly Matrix[], weights: Matrix): SampledProblem => ({
  samples: weights.length,
  alternatives: values[0].length,
  criteria: weights[0].length,
  values: Float64Array.from(values.flat(2)),
  weights: Float64Array.from(weights.flat()),
});

describe('acceptability', () => {
  it('smaa-2-thrombo-first12: scores and ranks of each sample', () => {
    const vector = all.find(({ id }) => id === 'smaa-2-thrombo-first12')!;
    const { measurements } = vector as unknown as { measurements: readonly Matrix[] };
    const problem = sampled(measurements, vector.weights as unknown as Matrix);
    const scores = new Float64Array(problem.alternatives);
    const expected = vector.expect as unknown as { values: Matrix; ranks: Matrix };
    for (let sample = 0; sample < problem.samples; sample += 1) {
      scoreInto(scores, problem, sample);
      near([...scores], expected.values[sample], vector.tol);
      expect(ranksOf([...scores])).toEqual(expected.ranks[sample]);
    }
    const firsts = expected.ranks.filter(([rank]) => rank === 1).length / 12;
    expect(acceptability(problem).ranks[0][0]).toBeCloseTo(firsts, 12);
  });

  it('smaa-5-rank-entropy', () => {
    const vector = all.find(({ id }) => id === 'smaa-5-rank-entropy')!;
    const { counts_of_each_full_ranking: counts } = vector as unknown as Record<string, readonly number[]>;
    near([entropyOfCounts(counts)], [vector.expect['entropy_bits']], vector.tol);
  });

  it('smaa-6-pwi: each direction of a pair, and a diagonal of 0', () => {
    const vector = all.find(({ id }) => id === 'smaa-6-pwi')!;
    const values = Array.from({ length: 10 }, (_, sample) => (sample === 0 ? [[0.2], [0.7]] : [[0.7], [0.2]]));
    const weights = Array.from({ length: 10 }, () => [1]);
    const { pairwise } = acceptability(sampled(values, weights));
    pairwise.forEach((row, a) => near(row, vector.expect['pwi'][a], vector.tol));
  });

  it('smaa-10-kshana: by samples within its tolerance, and exactly', () => {
    const vector = all.find(({ id }) => id === 'smaa-10-kshana')!;
    const { values } = vector as unknown as { values: readonly (readonly [number, number])[] };
    const points = haltonDimension(1, 'weight', 2, 10_000);
    const weights = Array.from(points, (point) => [point, 1 - point]);
    const { ranks } = acceptability(
      sampled(
        Array.from(points, () => values),
        weights,
      ),
    );
    near(
      ranks.map(([first]) => first),
      vector.expect['first_rank'],
      vector.tol,
    );
    near(exactFirstShares(values), vector.expect['first_rank'], 0);
  });
});

it.each(of('PIECEWISE_VALUE'))('$id: beyond the ends the end holds, and the line is not drawn on', (vector) => {
  const { cutoffs, values, x } = vector as unknown as Record<string, readonly number[]>;
  const points = cutoffs.map((at, index) => ({ at, value: values[index] }));
  near(
    x.map((figure) => valueOf(points, figure)),
    vector.expect['clip'],
    vector.tol,
  );
});

it.each(of('EVPI'))('$id', (vector) => {
  const { payoffs, state_probability } = vector as unknown as { payoffs: Matrix; state_probability: readonly number[] };
  const { bestExpected, withInformation, value } = perfectInformation(payoffs, state_probability);
  const { best_expected, with_perfect_information, evpi } = vector.expect;
  near([bestExpected, withInformation, value], [best_expected, with_perfect_information, evpi], vector.tol);
});

it.each(of('BREAK_EVEN'))('$id', (vector) => {
  const { values } = vector as unknown as { values: Matrix };
  const weights = vector.weights as readonly number[];
  const flip = nearestFlip(values, weights)!;
  near(flip.weights, vector.expect['flip_weights'], vector.tol);
  near([flip.change], [vector.expect['l1_change']], vector.tol);
  expect(flip.alternative).toBe(vector.expect['new_winner']);
  near([breakEvens(values, weights)[0].below!.weight], [vector.expect['flip_weights'][0]], vector.tol);
});

it('there is no vector that no test above takes', () => {
  const methods = new Set(all.map(({ method }) => method));
  expect(all).toHaveLength(42);
  const taken =
    'AHP AHP_HIERARCHY BREAK_EVEN CRITIC_W ENTROPY_W EVPI PIECEWISE_VALUE PROMETHEE_II SMAA SMAA_ENTROPY SMAA_PWI TOPSIS VIKOR WPM WSM';
  expect([...methods].toSorted()).toEqual(taken.split(' '));
  expect(of('SMAA')).toHaveLength(2);
});

describe('weights that the data alone would give', () => {
  it.each(of('ENTROPY_W'))('$id', (vector) => {
    near(defined(entropyWeights(vector.matrix)), vector.expect.weights, vector.tol);
  });

  it.each(of('CRITIC_W'))('$id', (vector) => {
    near(defined(criticWeights(vector.matrix, directionsOf(vector))), vector.expect.weights, vector.tol);
    const bySpearman = defined(criticWeights(vector.matrix, directionsOf(vector), 'Spearman'));
    near(bySpearman, vector.expect['weights_spearman'], vector.tol);
  });
});
