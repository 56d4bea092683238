import { expect, test } from 'vitest';
import { sampleDraws, sampleJudgement, sampleWeights } from '../../decision/sample.js';
import { measured, studyOf } from './example.js';

const profileOf = (points: Readonly<Record<string, number>>, spread: number, id = 'all') =>
  studyOf({
    alternatives: ['a'],
    criteria: Object.keys(points).map((criterion) => measured(criterion)),
    points: { [id]: Object.values(points) },
    spread,
  }).profiles[0];
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
  const [x, y, z] = sampleWeights(setting, profileOf(points, 0.5), ['x', 'y', 'z']);
  x.forEach((weight, s) => expect(weight + y[s] + z[s]).toBeCloseTo(1, 12));
  const fixed = sampleWeights(setting, profileOf(points, 0), ['x', 'y', 'z']);
  expect(fixed.map((column) => new Set(column))).toEqual([new Set([0.2]), new Set([0.3]), new Set([0.5])]);
});

test('before division a weight is triangular on points × (1 ± spread)', () => {
  // With two criteria the ratio of their weights is that of the drawn points, which division leaves alone.
  const [x, y] = sampleWeights({ ...setting, samples: 20_000 }, profileOf({ x: 50, y: 50 }, 0.5), ['x', 'y']);
  const ratios = x.map((weight, s) => weight / y[s]).sort();
  expect(ratios[0]).toBeGreaterThan(25 / 75);
  expect(ratios.at(-1)).toBeLessThan(75 / 25);
  // E[x/y] = E[x] E[1/y]; for a triangle on 25, 50, 75, E[1/y] = (75 ln 1.5 − 25 ln 2) / 625.
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  expect(mean).toBeCloseTo((50 * (75 * Math.log(1.5) - 25 * Math.log(2))) / 625, 2);
});

test('a weight of no points is 0 in every sample', () => {
  const [x] = sampleWeights(setting, profileOf({ x: 0, y: 100 }, 1), ['x', 'y']);
  expect(new Set(x)).toEqual(new Set([0]));
});

test('one criterion more leaves the ratio of the others’ weights as it was, in every sample', () => {
  const [x, y] = sampleWeights(setting, profileOf({ x: 40, y: 60 }, 0.5), ['x', 'y']);
  const more = profileOf({ w: 50, x: 20, y: 30 }, 0.5);
  const [, u, v] = sampleWeights(setting, more, ['w', 'x', 'y']);
  x.forEach((weight, s) => expect(u[s] / v[s]).toBeCloseTo(weight / y[s], 12));
});

test('judgements have streams of their own by criterion and alternative', () => {
  const range = { low: 0, likely: 1, high: 2, rationale: '', source: '' };
  const columns = [
    ['c', 'a'],
    ['c', 'b'],
    ['d', 'a'],
  ].map(([criterion, alternative]) => sampleJudgement(setting, criterion, alternative, range).join());
  expect(new Set(columns).size).toBe(3);
});
