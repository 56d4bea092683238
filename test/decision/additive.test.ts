import { describe, expect, test } from 'vitest';
import type { ValueFunction } from '../../contracts/value-shape.js';
import { additiveValue } from '../../decision/additive.js';
import { decide } from '../../decision/index.js';
import { measured, runOf, studyOf } from './example.js';
import { vector, type Vector } from './vectors.js';

interface WeightedSum extends Vector<{ readonly score: readonly number[]; readonly rank: readonly number[] }> {
  readonly matrix: readonly (readonly number[])[];
  readonly weights: readonly (number | string)[] | string;
  readonly types: readonly (1 | -1)[];
}

/** A normalisation of one column, and the largest value that it can give, by which values are kept within 1. */
type Normalise = (column: readonly number[], benefit: boolean) => readonly number[];

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const share = (numbers: readonly number[]): readonly number[] => numbers.map((x) => x / sum(numbers));

const none: Normalise = (column) => column;
const bySum: Normalise = (column, benefit) => share(benefit ? column : column.map((x) => 1 / x));
const byMaximum: Normalise = (column, benefit) =>
  column.map((x) => (benefit ? x / Math.max(...column) : Math.min(...column) / x));
const byRange: Normalise = (column, benefit) => {
  const [low, high] = [Math.min(...column), Math.max(...column)];
  return column.map((x) => (benefit ? x - low : high - x) / (high - low));
};

/** CRITIC weights: standard deviation of each min-max column times the sum of one minus its correlations (Diakoulaki et al. 1995). */
function critic(columns: readonly (readonly number[])[]): readonly number[] {
  const centred = columns.map((column) => column.map((x) => x - sum(column) / column.length));
  const deviation = centred.map((column) => Math.sqrt(sum(column.map((x) => x * x)) / column.length));
  const raw = centred.map((x, i) =>
    sum(centred.map((y, j) => deviation[i] - sum(x.map((value, k) => value * y[k])) / x.length / deviation[j])),
  );
  return share(raw);
}

/** Decides the vector through value functions that pass through the normalised figures, and scales the scores back. */
function scoresOf(v: WeightedSum, normalise: Normalise): { scores: number[]; winner: string | null } {
  const columns = v.types.map((_, c) => v.matrix.map((row) => row[c]));
  const normalised = columns.map((column, c) => normalise(column, v.types[c] === 1));
  const weights = typeof v.weights === 'string' ? critic(normalised) : v.weights.map(fraction);
  const largest = Math.max(...normalised.flat());
  const criteria = columns.map((column, c) => {
    const points: ValueFunction = [...new Set(column)]
      .sort((a, b) => a - b)
      .map((at) => ({ at, value: normalised[c][column.indexOf(at)] / largest }));
    return measured(`c${c}`, points);
  });
  const alternatives = v.matrix.map((_, a) => `a${a}`);
  const study = studyOf({ alternatives, criteria, points: { all: weights.map((w) => (100 * w) / sum(weights)) } });
  const runs = v.matrix.map((row, a) => runOf(`a${a}`, Object.fromEntries(row.map((x, c) => [`c${c}`, x]))));
  const [profile] = decide(study, runs).profiles;
  return {
    scores: profile.alternatives.map(({ score }) => score.nominal * largest * sum(weights)),
    winner: profile.winner,
  };
}

function fraction(weight: number | string): number {
  if (typeof weight === 'number') return weight;
  const [top, bottom] = weight.split('/').map(Number);
  return top / bottom;
}

describe('the additive value is the weighted sum of published examples', () => {
  test.each([
    ['wsm-1', none],
    ['wsm-3-pymcdm', bySum],
    ['wsm-5-akestoridis-mw', byMaximum],
    ['wsm-7-akestoridis-critic', byRange],
    ['wsm-8-akestoridis-simple', none],
  ] as const)('%s', (id, normalise) => {
    const v = vector(id) as WeightedSum;
    const { scores, winner } = scoresOf(v, normalise);
    scores.forEach((score, a) => expect(Math.abs(score - v.expect.score[a])).toBeLessThanOrEqual(v.tol));
    expect(winner).toBe(`a${v.expect.rank.indexOf(1)}`);
  });

  test('wsm-2-kracka2010, whose weights the example divides by their sum', () => {
    const v = vector('wsm-2-kracka2010') as WeightedSum;
    const { scores, winner } = scoresOf({ ...v, weights: v.types.map(() => 1 / v.types.length) }, bySum);
    scores.forEach((score, a) => expect(Math.abs(score - v.expect.score[a])).toBeLessThanOrEqual(v.tol));
    expect(winner).toBe(`a${v.expect.rank.indexOf(1)}`);
  });
});

interface Acceptability extends Vector<{ readonly values: readonly (readonly number[])[] }> {
  readonly measurements: readonly (readonly (readonly number[])[])[];
  readonly weights: readonly (readonly number[])[];
}

test('the additive value is that of twelve iterations of rsmaa, each with weights of its own', () => {
  const v = vector('smaa-2-thrombo-first12') as Acceptability;
  v.measurements.forEach((alternatives, s) =>
    alternatives.forEach((values, a) =>
      expect(Math.abs(additiveValue(v.weights[s], values) - v.expect.values[s][a])).toBeLessThanOrEqual(v.tol),
    ),
  );
});
