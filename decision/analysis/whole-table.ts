import type { CriterionWeight, DataWeights, DominanceOutcome } from '../../contracts/decision-analysis.js';
import type { SampledProblem } from '../acceptability/smaa.js';
import { type NotDefined, isNotDefined } from '../methods/normalisation.js';
import { dominatedBy } from '../sensitivity/dominance.js';
import { criticWeights, entropyWeights } from '../weighting/from-data.js';
import { namedWeights } from './acceptability-outcome.js';
import type { Problem } from './problem.js';

type Table = Pick<Problem, 'alternatives' | 'criteria' | 'values'>;

/** Who dominates whom at the nominal point, and who of these in every sample. */
export const dominanceOutcome = (
  { alternatives, values }: Table,
  sampled: SampledProblem,
): readonly DominanceOutcome[] => {
  const by = dominatedBy(values);
  return alternatives.map((alternative, loser) => ({
    alternative,
    by: by[loser].map((winner) => alternatives[winner]),
    inEverySample: by[loser]
      .filter((winner) => dominatesAlways(sampled, winner, loser))
      .map((winner) => alternatives[winner]),
  }));
};

const dominatesAlways = (
  { samples, alternatives, criteria, values }: SampledProblem,
  winner: number,
  loser: number,
): boolean => {
  for (let sample = 0; sample < samples; sample += 1) {
    const first = sample * alternatives * criteria;
    let better = false;
    for (let c = 0; c < criteria; c += 1) {
      const ahead = values[first + winner * criteria + c] - values[first + loser * criteria + c];
      if (ahead < 0) return false;
      better ||= ahead > 0;
    }
    if (!better) return false;
  }
  return true;
};

/** Weights by entropy and by CRITIC of the nominal values. */
export const dataWeights = ({ criteria, values }: Table): DataWeights => {
  const named = (weights: readonly number[] | NotDefined): readonly CriterionWeight[] | NotDefined =>
    isNotDefined(weights) ? weights : namedWeights(criteria, weights);
  const directions = criteria.map(() => 'higher' as const);
  return { entropy: named(entropyWeights(values)), critic: named(criticWeights(values, directions)) };
};
