/** An estimate of what knowing something is worth, and its standard error. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/** Fewest draws with which a line can be drawn without one of them and still have an error. */
export const FEWEST_DRAWS = 4;

/**
 * Expected value of knowing all of what was drawn together: the best score of each draw on average, less the best average score. Exact for the draws;
 * scores that are means over few samples make it too high.
 * `scores[a][d]`: mean score of an alternative in a draw.
 */
export const drawInformation = (scores: readonly (readonly number[])[]): Estimate => {
  const present = presentBest(scores);
  return estimateOf(scores[present].map((score, draw) => Math.max(...scores.map((row) => row[draw])) - score));
};

/**
 * Expected value of knowing one of the things that were drawn together, from few draws: each alternative's score is a straight line over the input,
 * fitted without the draw that is looked at; the alternative that the lines prefer there is compared with the one that is best on average. Choice
 * and score come from different draws, so the estimate is not too high on average; a negative one is given as 0.
 * Source: Strong, Oakley and Brennan, *Estimating multiparameter partial expected value of perfect information from a probabilistic sensitivity
 * analysis sample: a nonparametric regression approach*, Medical Decision Making 34, 2014, with a line for the regression and leave-one-out.
 *
 * At least FEWEST_DRAWS draws. `input[d]` in the unit in which it acts most evenly, for a factor its logarithm.
 */
export const regressionInformation = (input: readonly number[], scores: readonly (readonly number[])[]): Estimate => {
  const present = presentBest(scores);
  return estimateOf(
    input.map((x, draw) => {
      const others = input.map((_, index) => index).filter((index) => index !== draw);
      const predicted = scores.map((row) => lineAt(x, input, row, others));
      const chosen = predicted.indexOf(Math.max(...predicted));
      return scores[chosen][draw] - scores[present][draw];
    }),
  );
};

const mean = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;

const presentBest = (scores: readonly (readonly number[])[]): number => {
  const means = scores.map(mean);
  return means.indexOf(Math.max(...means));
};

const estimateOf = (gains: readonly number[]): Estimate => {
  const value = mean(gains);
  const squares = gains.reduce((sum, gain) => sum + (gain - value) ** 2, 0);
  return {
    value: Math.max(0, value),
    error: Math.sqrt(squares / Math.max(1, gains.length - 1) / gains.length),
  };
};

/** The least-squares line through the points of some draws, at x. Where they share one x it is their mean. */
const lineAt = (x: number, input: readonly number[], row: readonly number[], draws: readonly number[]): number => {
  const middleX = mean(draws.map((draw) => input[draw]));
  const middle = mean(draws.map((draw) => row[draw]));
  const spread = draws.reduce((sum, draw) => sum + (input[draw] - middleX) ** 2, 0);
  if (spread === 0) return middle;
  const together = draws.reduce((sum, draw) => sum + (input[draw] - middleX) * (row[draw] - middle), 0);
  return middle + (together / spread) * (x - middleX);
};
