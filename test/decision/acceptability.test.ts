import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankAcceptability } from '../../decision/acceptability.js';
import { vector, type Vector } from './vectors.js';

interface Thrombolytics extends Vector<{
  readonly values: readonly (readonly number[])[];
  readonly ranks: readonly (readonly number[])[];
}> {}

test('ranks are counted as rsmaa ranks its first twelve iterations', () => {
  const v = vector('smaa-2-thrombo-first12') as Thrombolytics;
  const columns = [0, 1].map((a) => Float64Array.from(v.expect.values, (row) => row[a]));
  const counted = [0, 1].map((a) => [1, 2].map((rank) => v.expect.ranks.filter((row) => row[a] === rank).length / 12));
  rankAcceptability(columns, 12).forEach((row, a) =>
    row.forEach((share, rank) => expect(share).toBeCloseTo(counted[a][rank], 12)),
  );
});

test('alternatives that tie share the ranks that they take up evenly', () => {
  const scores = [[0.5], [0.9], [0.5], [0.1], [0.5]].map((row) => Float64Array.from(row));
  const third = 1 / 3;
  expect(rankAcceptability(scores, 1)).toEqual([
    [0, third, third, third, 0],
    [1, 0, 0, 0, 0],
    [0, third, third, third, 0],
    [0, 0, 0, 0, 1],
    [0, third, third, third, 0],
  ]);
});

test('a difference that rounding makes is a tie', () => {
  const scores = [Float64Array.of(0.1 + 0.2), Float64Array.of(0.3)];
  expect(rankAcceptability(scores, 1)).toEqual([
    [0.5, 0.5],
    [0.5, 0.5],
  ]);
});

test('the shares of an alternative sum to 1 over the ranks, and those of a rank over the alternatives', () => {
  // Few different scores, so that ties are common.
  const row = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (table) => {
      const ranks = rankAcceptability(
        table.map((scores) => Float64Array.from(scores, (x) => x / 4)),
        20,
      );
      const total = (shares: readonly number[]) => shares.reduce((a, b) => a + b, 0);
      for (const shares of ranks) expect(total(shares)).toBeCloseTo(1, 12);
      for (let r = 0; r < table.length; r++) expect(total(ranks.map((shares) => shares[r]))).toBeCloseTo(1, 12);
    }),
  );
});
