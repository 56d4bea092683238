import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueOf } from '../../decision/value-function.js';
import { vector, type Vector } from './vectors.js';

interface PieceWise extends Vector<{ readonly clip: readonly number[] }> {
  readonly cutoffs: readonly number[];
  readonly values: readonly number[];
  readonly x: readonly number[];
}

test('a falling piecewise function, clipped at both ends, has the values that rsmaa gives it', () => {
  const v = vector('pvf-1') as PieceWise;
  const points = v.cutoffs.map((at, i) => ({ at, value: v.values[i] }));
  v.x.forEach((x, i) => expect(Math.abs(valueOf(points, x) - v.expect.clip[i])).toBeLessThanOrEqual(v.tol));
});

test('the value at a point is the point’s own, exactly', () => {
  const points = [0.1, 0.2, 0.7].map((at, i) => ({ at, value: [0.3, 0.9, 0.1][i] }));
  for (const { at, value } of points) expect(valueOf(points, at)).toBe(value);
});

test('a single point gives its value everywhere', () => {
  for (const x of [-1, 3, 9, Infinity]) expect(valueOf([{ at: 3, value: 0.4 }], x)).toBe(0.4);
});

test('a figure that is not a number is refused', () => {
  expect(() => valueOf([{ at: 0, value: 0 }], Number.NaN)).toThrow(RangeError);
});

test('values stay between the lowest and the highest of the points', () => {
  const point = fc.record({
    at: fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
    value: fc.double({ noNaN: true, min: 0, max: 1 }),
  });
  const points = fc.uniqueArray(point, { minLength: 1, selector: ({ at }) => at });
  fc.assert(
    fc.property(points, fc.double({ noNaN: true }), (unordered, x) => {
      const ascending = unordered.sort((a, b) => a.at - b.at);
      const values = ascending.map(({ value }) => value);
      expect(valueOf(ascending, x)).toBeGreaterThanOrEqual(Math.min(...values) - 1e-15);
      expect(valueOf(ascending, x)).toBeLessThanOrEqual(Math.max(...values) + 1e-15);
    }),
  );
});
