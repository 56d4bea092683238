import type { AcceptabilityOutcome, CriterionWeight } from '../../contracts/decision-analysis.js';
import { convergenceOf } from '../acceptability/convergence.js';
import { acceptability, confidenceFactors } from '../acceptability/smaa.js';
import type { Problem } from './problem.js';

/** What the samples say beside the ranks; the convergence is that of `winner`. */
export const acceptabilityOutcome = (problem: Problem, winner: string): AcceptabilityOutcome => {
  const { alternatives, sampled } = problem;
  const found = acceptability(sampled);
  const confidence = confidenceFactors(sampled, found);
  const { samples, shares, settledWithin } = convergenceOf(sampled, alternatives.indexOf(winner));
  return {
    pairwise: alternatives.flatMap((alternative, a) =>
      alternatives.flatMap((over, b) => (a === b ? [] : [{ alternative, over, share: found.pairwise[a][b] }])),
    ),
    central: alternatives.map((alternative, a) => {
      const weights = found.centralWeights[a];
      return {
        alternative,
        weights: weights === null ? null : namedWeights(problem.criteria, weights),
        confidence: confidence[a],
      };
    }),
    rankEntropy: found.rankEntropy,
    largestEntropy: alternatives.reduce((bits, _, index) => bits + Math.log2(index + 1), 0),
    convergence: { samples, odds: shares, settledWithin },
  };
};

export const namedWeights = (criteria: readonly string[], weights: readonly number[]): readonly CriterionWeight[] =>
  criteria.map((criterion, index) => ({ criterion, weight: weights[index] }));
