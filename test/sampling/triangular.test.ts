import fc from 'fast-check';
import { expect, test } from 'vitest';
import { triangular as triangularOf } from '../../sampling/index.js';

const figure = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const range = fc.tuple(figure, figure, figure).map((three) => three.sort((a, b) => a - b));

const triangular = (u: number, low: number, likely: number, high: number): number =>
  triangularOf(Float64Array.of(u), low, likely, high)[0];

/** The distribution function, written from its density, with which the inverse must agree. */
function share(x: number, low: number, likely: number, high: number): number {
  if (x < likely) return (x - low) ** 2 / ((high - low) * (likely - low));
  return 1 - (high - x) ** 2 / ((high - low) * (high - likely));
}

test('the distribution function of the drawn figure is the probability that it was drawn with', () => {
  for (const [low, likely, high] of [
    [0, 3, 10],
    [-5, -5, 5],
    [1, 8, 8],
    [2, 2.001, 100],
  ] as const) {
    for (let u = 0.01; u < 1; u += 0.01) {
      const x = triangular(u, low, likely, high);
      if (x === high) expect(u).toBeCloseTo(1, 9);
      else expect(share(x, low, likely, high)).toBeCloseTo(u, 9);
    }
  }
});

test('the mean is (low + likely + high) / 3', () => {
  const n = 100_000;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += triangular((i + 0.5) / n, 2, 3, 10);
  expect(sum / n).toBeCloseTo(5, 4);
});

test('figures stay in the range, grow with the probability and reach both ends', () => {
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(range, probability, probability, ([low, likely, high], a, b) => {
      const [x, y] = [Math.min(a, b), Math.max(a, b)].map((u) => triangular(u, low, likely, high));
      expect(x).toBeGreaterThanOrEqual(low);
      expect(y).toBeLessThanOrEqual(high);
      const rounding = 1e-9 * (high - low);
      expect(x - y).toBeLessThanOrEqual(rounding);
      expect(triangular(0, low, likely, high) - low).toBeLessThanOrEqual(rounding);
      expect(high - triangular(1, low, likely, high)).toBeLessThanOrEqual(rounding);
    }),
  );
});

test('a range of no width is its one figure', () => {
  for (const u of [0, 0.3, 1]) expect(triangular(u, 4, 4, 4)).toBe(4);
});

test('ranges out of order, figures that are no numbers and probabilities outside 0 to 1 are refused', () => {
  expect(() => triangular(0.5, 2, 1, 3)).toThrow(RangeError);
  expect(() => triangular(0.5, 1, 4, 3)).toThrow(RangeError);
  expect(() => triangular(0.5, Number.NaN, 1, 3)).toThrow(RangeError);
  expect(() => triangular(0.5, 0, 1, Infinity)).toThrow(RangeError);
  expect(() => triangular(1.1, 0, 1, 2)).toThrow(RangeError);
  expect(() => triangular(Number.NaN, 0, 1, 2)).toThrow(RangeError);
});
