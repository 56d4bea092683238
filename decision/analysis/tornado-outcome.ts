import type { TornadoBarOutcome, TornadoOutcome } from '../../contracts/decision-analysis.js';
import { type Lead, leadOf, scoresOf, withWeight } from './lead.js';
import type { CostDraws, Problem, SampledInput } from './problem.js';

/** How far the first is ahead with each input at either end. Null for one alternative. */
export const tornadoOutcome = (problem: Problem): TornadoOutcome | null => {
  const { alternatives, values, weights, inputs, draws } = problem;
  if (alternatives.length < 2) return null;
  const scores = scoresOf(values, weights);
  const first = scores.indexOf(Math.max(...scores));
  const bars = inputs.map((input) => barOf(problem, input, first));
  if (draws !== null && draws.values.length > 1) bars.push(barOfCosts(problem, draws, first));
  return {
    first: alternatives[first],
    lead: leadOf(scores, first).lead,
    bars: bars.toSorted((a, b) => swing(b) - swing(a) || (a.input < b.input ? -1 : 1)),
  };
};

const swing = ({ leadAtLow, leadAtHigh }: TornadoBarOutcome): number => Math.abs(leadAtHigh - leadAtLow);

const barOf = (problem: Problem, { input, effect }: SampledInput, first: number): TornadoBarOutcome => {
  const { values, weights } = problem;
  const at = (end: 'low' | 'high'): Lead => {
    if (effect.on === 'weight') {
      return leadOf(scoresOf(values, withWeight(weights, effect.criterion, input[end]!)), first);
    }
    const { alternative, criterion } = effect;
    const changed = values.map((row, a) =>
      a === alternative ? row.with(criterion, end === 'low' ? effect.atLow : effect.atHigh) : row,
    );
    return leadOf(scoresOf(changed, weights), first);
  };
  return barBetween(problem, input.id, at('low'), at('high'));
};

const barOfCosts = (problem: Problem, { values, together }: CostDraws, first: number): TornadoBarOutcome => {
  const leads = values
    .map((table) => leadOf(scoresOf(table, problem.weights), first))
    .toSorted((a, b) => a.lead - b.lead);
  return barBetween(problem, together.id, leads[0], leads.at(-1)!);
};

const barBetween = ({ alternatives }: Problem, input: string, low: Lead, high: Lead): TornadoBarOutcome => ({
  input,
  leadAtLow: low.lead,
  leadAtHigh: high.lead,
  firstAtLow: alternatives[low.first],
  firstAtHigh: alternatives[high.first],
});
