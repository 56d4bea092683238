import type { InformationOutcome, InputInformation } from '../../contracts/decision-analysis.js';
import { scoreInto } from '../acceptability/smaa.js';
import { FEWEST_DRAWS, drawInformation, regressionInformation } from '../information/draw-information.js';
import { partialInformation } from '../information/partial-information.js';
import { perfectInformation } from '../information/perfect-information.js';
import type { CostDraws, Problem } from './problem.js';

/** With fewer samples a bin has not two of them for each half. */
const FEWEST_SAMPLES = 16;

/** What knowing everything, and each input alone, would be worth before one chooses. Few samples or draws say nothing of single inputs. */
export const informationOutcome = (problem: Problem): InformationOutcome => {
  const scores = sampledScores(problem);
  const { value, error } = perfectInformation(scores);
  const inputs =
    problem.alternatives.length < 2 ? [] : [...singleInputs(problem, scores), ...costInputs(problem, scores)];
  return {
    evpi: value,
    error,
    estimator: `best of each of ${problem.sampled.samples} samples`,
    inputs: inputs.toSorted((a, b) => b.value - a.value || (a.input < b.input ? -1 : 1)),
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
  return inputs.map(({ input, samples }) => {
    const { value, error, bins } = partialInformation(samples, scores);
    return {
      input: input.id,
      value,
      error,
      estimator: `partition into ${bins} bins, chosen by one half and scored by the other`,
    };
  });
};

const costInputs = ({ draws }: Problem, scores: readonly Float64Array[]): readonly InputInformation[] => {
  if (draws === null || draws.values.length < FEWEST_DRAWS) return [];
  const means = scores.map((row) => meansOfDraws(row, draws));
  const together: InputInformation = {
    input: draws.together.id,
    ...drawInformation(means),
    estimator: `best of each of ${draws.values.length} draws`,
  };
  return [
    together,
    ...draws.costs.map(({ input, factors }): InputInformation => ({
      input: input.id,
      ...regressionInformation(factors.map(Math.log), means),
      estimator: `a line over ${draws.values.length} draws, each predicted from the others`,
    })),
  ];
};

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
