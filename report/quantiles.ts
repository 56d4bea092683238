import type { Spread } from '../contracts/decision.js';

/** The `share` quantile of ascending values, straight between neighbours (type 7 of Hyndman and Fan, 1996). */
export function quantile(ascending: readonly number[], share: number): number {
  const position = (ascending.length - 1) * share;
  const below = Math.floor(position);
  const low = ascending[below];
  const high = ascending[Math.min(below + 1, ascending.length - 1)];
  if (low === undefined || high === undefined) throw new RangeError('no values');
  return low + (high - low) * (position - below);
}

/** Quantiles of values in draw order; the first is draw 0. */
export function spreadOf(values: readonly number[]): Spread {
  const [nominal] = values;
  if (nominal === undefined) throw new RangeError('no values');
  const ascending = values.toSorted((a, b) => a - b);
  return { nominal, p5: quantile(ascending, 0.05), p50: quantile(ascending, 0.5), p95: quantile(ascending, 0.95) };
}
