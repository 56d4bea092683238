import type { BreakEvenOutcome, NearestFlipOutcome, WeightCrossingOutcome } from '../../contracts/decision-analysis.js';
import { type WeightCrossing, breakEvens, nearestFlip } from '../sensitivity/break-even.js';
import { namedWeights } from './acceptability-outcome.js';
import type { Problem } from './problem.js';

/** For each criterion, where its weight alone would change who is first. */
export const breakEvenOutcomes = ({
  alternatives,
  criteria,
  values,
  weights,
}: Problem): readonly BreakEvenOutcome[] => {
  const named = (crossing: WeightCrossing | null): WeightCrossingOutcome | null =>
    crossing === null ? null : { weight: crossing.weight, alternative: alternatives[crossing.alternative] };
  return breakEvens(values, weights).map(({ criterion, below, above }) => ({
    criterion: criteria[criterion],
    weight: weights[criterion],
    below: named(below),
    above: named(above),
  }));
};

/** The smallest change of all weights that makes another alternative as good as the first. */
export const nearestFlipOutcome = ({ alternatives, criteria, values, weights }: Problem): NearestFlipOutcome | null => {
  const flip = nearestFlip(values, weights);
  if (flip === null) return null;
  const { alternative, weights: changed, change } = flip;
  return { alternative: alternatives[alternative], weights: namedWeights(criteria, changed), change };
};
