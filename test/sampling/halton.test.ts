import { describe, expect, it } from 'vitest';
import { PRIMES, haltonDimension } from '../../sampling/halton.js';

describe('a scrambled Halton dimension', () => {
  it.each([2, 3, 7, 13])(
    'in base %i: the first b^k points have one in each of b^k equal strata, and so has each later run of b^k',
    (base) => {
      for (let size = base; size <= 200; size *= base) {
        const points = haltonDimension(5, 'x', base, 4 * size);
        for (let from = 0; from < 4 * size; from += size) {
          const strata = new Set(Array.from(points.slice(from, from + size), (point) => Math.floor(point * size)));
          expect(strata.size).toBe(size);
        }
      }
    },
  );

  it('is the radical inverse but for the permutations: points that share their first digit share the first stratum', () => {
    const points = haltonDimension(9, 'x', 3, 27);
    for (let index = 3; index < 27; index += 1)
      expect(Math.floor(points[index] * 3)).toBe(Math.floor(points[index % 3] * 3));
  });

  it('lies in [0, 1) and is another one for another seed or name', () => {
    const points = haltonDimension(1, 'x', 1999, 5000);
    expect(Math.min(...points)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...points)).toBeLessThan(1);
    expect(haltonDimension(1, 'x', 1999, 5000)).toEqual(points);
    expect(haltonDimension(1, 'y', 1999, 5000)).not.toEqual(points);
    expect(haltonDimension(2, 'x', 1999, 5000)).not.toEqual(points);
  });

  it('estimates a product in two dimensions to a tenth of the error that random points would have', () => {
    const [x, y] = [haltonDimension(1, 'x', 2, 4096), haltonDimension(1, 'y', 3, 4096)];
    const mean = x.reduce((sum, each, index) => sum + each * y[index], 0) / 4096;
    // The standard error of random points is √(7/144 / 4096).
    expect(Math.abs(mean - 0.25)).toBeLessThan(Math.sqrt(7 / 144 / 4096) / 10);
  });

  it('has the primes below 2000 for bases, and no other', () => {
    expect([PRIMES.length, PRIMES[0], PRIMES.at(-1)]).toEqual([303, 2, 1999]);
    expect(() => haltonDimension(1, 'x', 4, 10)).toThrow('one of the first primes, not 4');
  });

  it('of one point and of none', () => {
    expect(haltonDimension(1, 'x', 2, 0)).toHaveLength(0);
    expect(haltonDimension(1, 'x', 2, 1)).toHaveLength(1);
  });
});
