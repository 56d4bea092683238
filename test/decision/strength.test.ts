import { expect, test } from 'vitest';
import { shareError, strengthOf } from '../../decision/strength.js';

test.each([
  [1, 'clear'],
  [0.9, 'clear'],
  [0.8999, 'leaning'],
  [0.65, 'leaning'],
  [0.6499, 'open'],
  [0, 'open'],
] as const)('odds of %d are %s', (odds, strength) => expect(strengthOf(odds)).toBe(strength));

test('the error of a share is half of the Wilson interval', () => {
  // Its ends are where the score test just rejects: (share − p)² = z² p(1 − p) / n. Found here by bisection.
  const [share, n, z] = [0.8, 50, 1.959963984540054];
  const bisect = (inside: number, outside: number): number => {
    for (let i = 0; i < 100; i++) {
      const middle = (inside + outside) / 2;
      if ((share - middle) ** 2 <= (z * z * middle * (1 - middle)) / n) inside = middle;
      else outside = middle;
    }
    return inside;
  };
  expect(shareError(share, n)).toBeCloseTo((bisect(share, 1) - bisect(share, 0)) / 2, 9);
});

test('a share of 1 still has an error, and four times the samples nearly halve it at one half', () => {
  expect(shareError(1, 4096)).toBeGreaterThan(0);
  expect(shareError(0.5, 4096) / shareError(0.5, 16384)).toBeCloseTo(2, 2);
});
