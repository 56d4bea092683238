import { expect, test } from 'vitest';
import { quantile, spreadOf } from '../../decision/spread.js';

test('quantiles are of type 7: linear between order statistics at p(n − 1)', () => {
  // Of 1 … 11 the quantile at p is 1 + 10p by that definition.
  const numbers = Float64Array.from({ length: 11 }, (_, i) => i + 1);
  for (const p of [0, 0.05, 0.5, 0.95, 1]) expect(quantile(numbers, p)).toBeCloseTo(1 + 10 * p, 12);
  expect(quantile(Float64Array.of(1, 2, 3, 10), 0.9)).toBeCloseTo(3 + 0.7 * 7, 12);
});

test('the order of the samples does not matter, and they are left as they were', () => {
  const samples = Float64Array.of(3, 1, 2);
  expect(spreadOf(9, samples)).toEqual(spreadOf(9, Float64Array.of(1, 2, 3)));
  expect(samples).toEqual(Float64Array.of(3, 1, 2));
  expect(spreadOf(9, samples).nominal).toBe(9);
});

test('without samples the nominal point stands for all', () => {
  expect(spreadOf(4, new Float64Array(0))).toEqual({ nominal: 4, p5: 4, p50: 4, p95: 4 });
});
