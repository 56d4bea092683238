import type { ProfileAnalysis } from '../../contracts/decision-analysis.js';
import { acceptabilityOutcome } from './acceptability-outcome.js';
import { concordance, rankReversals } from './concordance.js';
import { informationOutcome } from './information-outcome.js';
import type { Problem } from './problem.js';
import { tornadoOutcome } from './tornado-outcome.js';
import { breakEvenOutcomes, nearestFlipOutcome } from './weight-outcomes.js';

/** Everything beyond the odds that one profile's figures and samples say. `winner` is the alternative most often first. */
export const analyseProblem = (problem: Problem, winner: string): ProfileAnalysis => ({
  acceptability: acceptabilityOutcome(problem, winner),
  concordance: concordance(problem),
  rankReversal: rankReversals(problem),
  breakEvens: breakEvenOutcomes(problem),
  nearestFlip: nearestFlipOutcome(problem),
  tornado: tornadoOutcome(problem),
  information: informationOutcome(problem),
});
