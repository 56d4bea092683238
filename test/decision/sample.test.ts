import { expect, test } from 'vitest';
import { sampleDraws, sampleJudgement, studyDimensions } from '../../decision/sample.js';
import { scoreProfile } from '../../decision/profile-scores.js';
import { judged, measured, studyOf } from './example.js';

/** Drawn weights of one profile, in alphabetical order of the criteria. */
const weightsOf = (points: Readonly<Record<string, number>>, spread: number, samples = 1000) => {
  const study = studyOf({
    alternatives: [],
    criteria: Object.keys(points).map((criterion) => measured(criterion)),
    points: { all: Object.values(points) },
    spread,
    samples,
    seed: 5,
  });
  return scoreProfile(study, study.profiles[0], new Map(), studyDimensions(study)).weights;
};
const setting = { seed: 5, samples: 1000 };

test('each draw but the nominal one is sampled equally often', () => {
  const counts = Array.from({ length: 11 }, () => 0);
  for (const draw of sampleDraws({ ...setting, draws: 11 })) counts[draw] += 1;
  expect(counts).toEqual(Array.from({ length: 11 }, (_, draw) => (draw === 0 ? 0 : 100)));
});

test('with one draw every sample uses it', () => {
  expect(new Set(sampleDraws({ ...setting, draws: 1 }))).toEqual(new Set([0]));
});

test('weights sum to 1 in each sample, and without spread they are the points', () => {
  const points = { x: 20, y: 30, z: 50 };
  const [x, y, z] = weightsOf(points, 0.5);
  x.forEach((weight, s) => expect(weight + y[s] + z[s]).toBeCloseTo(1, 12));
  const fixed = weightsOf(points, 0);
  expect(fixed.map((column) => new Set(column))).toEqual([new Set([0.2]), new Set([0.3]), new Set([0.5])]);
});

test('before division a weight is triangular on points × (1 ± spread)', () => {
  // With two criteria the ratio of their weights is that of the drawn points, which division leaves alone.
  const [x, y] = weightsOf({ x: 50, y: 50 }, 0.5, 20_000);
  const ratios = x.map((weight, s) => weight / y[s]).sort();
  expect(ratios[0]).toBeGreaterThan(25 / 75);
  expect(ratios.at(-1)).toBeLessThan(75 / 25);
  // E[x/y] = E[x] E[1/y]; for a triangle on 25, 50, 75, E[1/y] = (75 ln 1.5 − 25 ln 2) / 625.
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  expect(mean).toBeCloseTo((50 * (75 * Math.log(1.5) - 25 * Math.log(2))) / 625, 2);
});

test('a weight of no points is 0 in every sample', () => {
  const [x] = weightsOf({ x: 0, y: 100 }, 1);
  expect(new Set(x)).toEqual(new Set([0]));
});

test('judgements have dimensions of their own by criterion and alternative, and exact ones none', () => {
  const ranges = { a: [0, 1, 2], b: [0, 1, 2], c: [1, 1, 1] } as const;
  const study = studyOf({
    alternatives: ['a', 'b', 'c'],
    criteria: [judged('x', ranges), judged('y', ranges)],
    points: { all: [50, 50] },
    spread: 0.5,
  });
  const dimension = studyDimensions(study);
  const range = { low: 0, likely: 1, high: 2, rationale: '', source: '' };
  const columns = ['x', 'y'].flatMap((criterion) =>
    ['a', 'b'].map((id) => sampleJudgement(100, dimension, criterion, id, range).join()),
  );
  expect(new Set(columns).size).toBe(4);
  expect(() => dimension('judgement', 'x', 'c')).toThrow('no dimension of the samples');
});

test('points of a dimension are of low discrepancy: any 64 in a row from the first lie one in each of 64 parts for the base 2', () => {
  const study = studyOf({
    alternatives: [],
    criteria: [measured('x'), measured('y')],
    points: { all: [50, 50] },
    spread: 1,
    samples: 256,
  });
  const column = studyDimensions(study)('weight', 'all', 'x');
  for (const from of [0, 64, 128, 192])
    expect(new Set(Array.from(column.slice(from, from + 64), (u) => Math.floor(64 * u))).size).toBe(64);
});
