import type { InformationOutcome, InputInformation } from '../../contracts/decision-analysis.js';
import type { CostInput } from '../../contracts/run.js';
import { scoreInto } from '../acceptability/smaa.js';
import { FEWEST_DRAWS, drawInformation, regressionInformation } from '../information/draw-information.js';
import { partialInformation } from '../information/partial-information.js';
import { perfectInformation } from '../information/perfect-information.js';
import type { CostDraws, Problem } from './problem.js';
import { ALL_COSTS } from './tornado-outcome.js';

/** With fewer samples a bin has not two of them for each half. */
const FEWEST_SAMPLES = 16;

/** What knowing everything, and each input alone, would be worth before one chooses. Few samples or draws say nothing of single inputs. */
export const informationOutcome = (problem: Problem): InformationOutcome => {
  const scores = sampledScores(problem);
  const { evpi, inputs } = {
    evpi: perfectInformation(scores).value,
    inputs: problem.alternatives.length < 2 ? [] : [...singleInputs(problem, scores), ...costInputs(problem, scores)],
  };
  return {
    evpi,
    inputs: inputs.toSorted((a, b) => b.value - a.value || (a.input.id < b.input.id ? -1 : 1)),
  };
};

const sampledScores = ({ sampled }: Problem): readonly Float64Array[] => {
  const scores = Array.from({ length: sampled.alternatives }, () => new Float64Array(sampled.samples));
  const ofSample = new Float64Array(sampled.alternatives);
  for (let sample = 0; sample < sampled.samples; sample += 1) {
    scoreInto(ofSample, sampled, sample);
    scores.forEach((row, alternative) => (row[sample] = ofSample[alternative]));
  }
  return scores;
};

const singleInputs = ({ inputs, sampled }: Problem, scores: readonly Float64Array[]): readonly InputInformation[] => {
  if (sampled.samples < FEWEST_SAMPLES) return [];
  return inputs.map(({ input, samples, narrow }) => {
    const { value, error, bins } = partialInformation(samples, scores);
    return {
      input,
      value,
      error,
      estimator: `partition into ${bins} bins, chosen by one half and scored by the other`,
      narrow,
    };
  });
};

const costInputs = ({ draws }: Problem, scores: readonly Float64Array[]): readonly InputInformation[] => {
  if (draws === null || draws.values.length < FEWEST_DRAWS) return [];
  const means = scores.map((row) => meansOfDraws(row, draws));
  const together: InputInformation = {
    input: ALL_COSTS,
    ...drawInformation(means),
    estimator: `best of each of ${draws.values.length} draws`,
    narrow: draws.narrow,
  };
  return [
    together,
    ...draws.costs.map(({ cost, factors }): InputInformation => ({
      input: inputOf(cost),
      ...regressionInformation(factors.map(Math.log), means),
      estimator: `a line over ${draws.values.length} draws, each predicted from the others`,
      narrow: `Measure what "${cost.title}" costs: ${cost.assumed ? 'it is assumed to lie' : 'sources put it'} between ${cost.low} and ${cost.high} ${cost.unit}.`,
    })),
  ];
};

const inputOf = ({ event, title, unit, low, value, high }: CostInput): InputInformation['input'] => ({
  id: `cost/${event}`,
  kind: 'cost',
  criterion: null,
  alternative: null,
  event,
  title,
  unit,
  low,
  likely: value,
  high,
});

/** Mean of a row of scores over the samples of each draw. */
const meansOfDraws = (row: Float64Array, { ofSample, values }: CostDraws): readonly number[] => {
  const sums = new Float64Array(values.length);
  const counts = new Float64Array(values.length);
  row.forEach((score, sample) => {
    sums[ofSample[sample]] += score;
    counts[ofSample[sample]] += 1;
  });
  return Array.from(sums, (sum, draw) => (counts[draw] === 0 ? 0 : sum / counts[draw]));
};
