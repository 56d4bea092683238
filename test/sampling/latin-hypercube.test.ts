import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latinHypercube } from '../../sampling/index.js';

test('each of the n strata holds exactly one point', () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), fc.integer({ min: 1, max: 300 }), (seed, name, n) => {
      const ascending = latinHypercube(seed, name, n).sort();
      ascending.forEach((point, i) => {
        expect(point).toBeGreaterThanOrEqual(i / n);
        expect(point).toBeLessThanOrEqual((i + 1) / n);
        expect(point).toBeLessThan(1);
      });
    }),
  );
});

test('the same seed, name and n give the same points', () => {
  expect(latinHypercube(3, 'a', 50)).toEqual(latinHypercube(3, 'a', 50));
});

test('dimensions are not correlated', () => {
  const n = 4096;
  const columns = ['weight', 'weights', 'draw', 'a', 'b'].map((name) => latinHypercube(20060110, name, n));
  for (const [i, x] of columns.entries()) {
    for (const y of columns.slice(i + 1)) {
      let covariance = 0;
      for (let s = 0; s < n; s++) covariance += (x[s] - 0.5) * (y[s] - 0.5);
      // Four standard errors of a correlation of independent columns.
      expect(Math.abs((12 * covariance) / n)).toBeLessThan(4 / Math.sqrt(n));
    }
  }
});

test('the mean is within the half stratum that stratification allows', () => {
  const n = 1000;
  const mean = latinHypercube(1, 'mean', n).reduce((sum, u) => sum + u, 0) / n;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.5 / n);
});

test('no points are an empty column, and a number of points that cannot be is refused', () => {
  expect(latinHypercube(1, 'a', 0)).toHaveLength(0);
  for (const n of [-1, 1.5, Number.NaN]) expect(() => latinHypercube(1, 'a', n)).toThrow(RangeError);
});
