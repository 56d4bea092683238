import type { ProfileAnalysis, UncertainInput } from '../../contracts/decision-analysis.js';
import { acceptabilityOutcome } from './acceptability-outcome.js';
import { concordance, rankReversals } from './concordance.js';
import { informationOutcome } from './information-outcome.js';
import { inputsOf } from './named-inputs.js';
import type { Problem } from './problem.js';
import { tornadoOutcome } from './tornado-outcome.js';
import { breakEvenOutcomes, nearestFlipOutcome } from './weight-outcomes.js';

/**
 * Everything beyond the odds that one profile's figures and samples say, and the uncertain inputs that it names. `winner` is the alternative most often
 * first.
 */
export const analyseProblem = (
  problem: Problem,
  winner: string,
): { readonly analysis: ProfileAnalysis; readonly inputs: readonly UncertainInput[] } => {
  const analysis: ProfileAnalysis = {
    acceptability: acceptabilityOutcome(problem, winner),
    concordance: concordance(problem),
    rankReversal: rankReversals(problem),
    breakEvens: breakEvenOutcomes(problem),
    nearestFlip: nearestFlipOutcome(problem),
    tornado: tornadoOutcome(problem),
    information: informationOutcome(problem),
  };
  const { inputs, draws } = problem;
  const costs = draws === null ? [] : [draws.together, ...draws.costs.map(({ input }) => input)];
  return { analysis, inputs: inputsOf(analysis, [...inputs.map(({ input }) => input), ...costs]) };
};
