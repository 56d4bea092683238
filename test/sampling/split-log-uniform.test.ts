import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLogUniform } from '../../sampling/index.js';

test('half of the draws lie on either side of the value, and a quarter of the way is the geometric mean', () => {
  expect(splitLogUniform(0.25, 10, 1000, 4000)).toBeCloseTo(100, 9);
  expect(splitLogUniform(0.5, 10, 1000, 4000)).toBe(1000);
  expect(splitLogUniform(0.75, 10, 1000, 4000)).toBeCloseTo(2000, 9);
});

test('draws stay between low and high, reach both ends and grow with the probability', () => {
  const cost = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
  const probability = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(cost, cost, cost, probability, probability, (p, q, r, a, b) => {
      const [low, value, high] = [p, q, r].sort((x, y) => x - y) as [number, number, number];
      const [x, y] = [Math.min(a, b), Math.max(a, b)].map((u) => splitLogUniform(u, low, value, high));
      expect(x).toBeGreaterThanOrEqual(low);
      expect(y).toBeLessThanOrEqual(high);
      expect(x / y).toBeLessThanOrEqual(1 + 1e-12);
      expect(splitLogUniform(0, low, value, high)).toBe(low);
      expect(splitLogUniform(1, low, value, high) / high).toBeCloseTo(1, 12);
    }),
  );
});

test('equal ratios below the value are equally likely', () => {
  const n = 10_000;
  const below10 = Array.from({ length: n }, (_, i) => splitLogUniform((i + 0.5) / n, 1, 100, 100)).filter(
    (x) => x < 10,
  );
  expect(below10.length / n).toBeCloseTo(0.25, 3);
});

test('a range of no width is its one cost, zero included', () => {
  for (const u of [0, 0.4, 0.5, 1]) {
    expect(splitLogUniform(u, 7, 7, 7)).toBe(7);
    expect(splitLogUniform(u, 0, 0, 0)).toBe(0);
  }
});

test('zero or less beside a positive cost is refused, and so is a range out of order', () => {
  expect(() => splitLogUniform(0.5, 0, 1, 2)).toThrow(/above zero/);
  expect(() => splitLogUniform(0.5, -1, 1, 2)).toThrow(/above zero/);
  expect(() => splitLogUniform(0.5, 3, 1, 2)).toThrow(RangeError);
  expect(() => splitLogUniform(0.5, 1, 2, Number.NaN)).toThrow(RangeError);
  expect(() => splitLogUniform(2, 1, 2, 3)).toThrow(RangeError);
});
