import type { ProfileOutcome } from '../../contracts/decision.js';
import type { WeighedNode, Weighting } from '../../contracts/weighting.js';
import type { Problem } from '../analysis/problem.js';
import { exactFirstShares } from './two-criteria.js';

type Asked = Pick<Problem, 'alternatives' | 'criteria' | 'values' | 'sampled'>;

/**
 * Shares of first ranks without sampling, where two criteria allow it: their values are the same in every sample, and of their weights nothing or only
 * the order is known, so that the weight of one is uniform over a range. Null elsewhere.
 */
export const exactOddsOf = (
  nodes: readonly WeighedNode[],
  weights: Weighting,
  { alternatives, criteria, values, sampled }: Asked,
): ProfileOutcome['exactOdds'] => {
  if (criteria.length !== 2 || nodes.length !== 2 || alternatives.length === 0) return null;
  const range = rangeOfFirst(weights, criteria[0]);
  if (range === null || !sampled.values.every((value, at) => value === nominalAt(values, at))) return null;
  const shares = exactFirstShares(
    values.map(([one, two]) => [one, two] as const),
    range,
  );
  return alternatives.map((alternative, a) => ({ alternative, share: shares[a] }));
};

/** The range over which the weight of a criterion is uniform; null where it is drawn in another way. */
const rangeOfFirst = (weights: Weighting, criterion: string): readonly [number, number] | null => {
  if (weights.kind === 'unknown') return [0, 1];
  if (weights.kind !== 'order') return null;
  if (weights.places.length === 1) return [0, 1];
  return weights.places[0].includes(criterion) ? [0.5, 1] : [0, 0.5];
};

/** The nominal value at a place of the samples, which hold two criteria of every alternative one after the other. */
const nominalAt = (values: Problem['values'], at: number): number => {
  const place = at % (2 * values.length);
  return values[Math.floor(place / 2)][place % 2];
};
