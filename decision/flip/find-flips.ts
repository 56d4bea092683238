import type { FlipAnalysis, FlipAxis, FlipPoint } from '../../contracts/flip.js';
import { nameOf, screenParameters } from './screening.js';
import { searchFlips, type FlipEvaluator, type SearchLimits } from './search.js';

/** Parameters that a screening picks. */
const searchedParameters = 3;

export interface FlipQuestion extends SearchLimits {
  readonly axes: readonly FlipAxis[];
  /** Whether all axes are searched, or only those that a screening picks. */
  readonly named: boolean;
  /** The standing at the study's own values. */
  readonly nominal: FlipPoint;
}

/**
 * Flip points of several parameters, one at a time, each search with an even share of what is left of the budget. What a screening has
 * run already is not run again.
 */
export async function findFlips(
  question: FlipQuestion,
  evaluate: FlipEvaluator,
): Promise<Pick<FlipAnalysis, 'runs' | 'screened' | 'unscreened' | 'searches'>> {
  const { axes, nominal, named, budget } = question;
  const { screened, unscreened, runs } = named
    ? { screened: [], unscreened: [], runs: 0 }
    : await screenParameters(axes, nominal, evaluate, question, searchedParameters);
  const chosen = named
    ? axes.map((axis) => ({ axis, points: [{ ...nominal, at: axis.nominal }] }))
    : screened.filter((each) => each.chosen);
  const searches = [];
  let spent = runs;
  for (const [at, { axis, points }] of chosen.entries()) {
    const share = Math.floor((budget - spent) / (chosen.length - at));
    const search = await searchFlips(axis, evaluate, { ...question, budget: share }, points);
    searches.push(search);
    spent += search.runs;
  }
  return { runs: spent, screened, unscreened: unscreened.map(nameOf), searches };
}
