import type { Spread } from '../contracts/decision.js';

/**
 * The quantile at `p` of numbers in ascending order, interpolated linearly between the order statistics at p(n − 1): type 7 of
 * Hyndman and Fan, The American Statistician 50(4), 1996.
 */
export function quantile(ascending: Float64Array, p: number): number {
  const position = p * (ascending.length - 1);
  const below = Math.floor(position);
  const low = ascending[below];
  const high = ascending[Math.min(below + 1, ascending.length - 1)];
  return low === high ? low : low + (position - below) * (high - low);
}

/** Nominal point and quantiles of samples in any order; without samples the nominal point stands for all. */
export function spreadOf(nominal: number, samples: Float64Array): Spread {
  if (samples.length === 0) return { nominal, p5: nominal, p50: nominal, p95: nominal };
  const ascending = samples.slice().sort();
  return {
    nominal,
    p5: quantile(ascending, 0.05),
    p50: quantile(ascending, 0.5),
    p95: quantile(ascending, 0.95),
  };
}

/** Without draw 0, which has the stated costs and is not drawn from their ranges; draw 0 alone when it is the only one. */
export function sampledDraws<Outcome>(byDraw: readonly Outcome[]): readonly Outcome[] {
  return byDraw.length > 1 ? byDraw.slice(1) : byDraw;
}
