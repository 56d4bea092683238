/** What knowing one input exactly is worth, with the error of the estimate. */
export interface PartialInformation {
  readonly value: number;
  /** Standard error, from the spread within the bins. */
  readonly error: number;
  readonly bins: number;
}

/**
 * Expected value of perfect information about one input, by the partition estimator: samples are sorted by the input and cut into bins of
 * equal size; in each bin the alternative with the highest mean is chosen. The mean over bins of those highest means, less the highest mean of all.
 * Choosing by a mean that has an error itself makes the estimate too high; so in each half of a bin the choice is made by the other half,
 * and the two are averaged. The estimate is then never too high on average, and a negative one is given as 0.
 * Source: Strong and Oakley, *An efficient method for computing single-parameter partial EVPI*, Medical Decision Making 33, 2013.
 *
 * `scores[a][s]` and `input[s]`, one figure a sample.
 */
export const partialInformation = (
  input: ArrayLike<number>,
  scores: readonly ArrayLike<number>[],
  bins = Math.max(2, Math.round(Math.sqrt(input.length / 4))),
): PartialInformation => {
  const samples = input.length;
  const order = Array.from({ length: samples }, (_, index) => index).sort((a, b) => input[a] - input[b] || a - b);
  const overall = scores.map((row) => meanOf(row, order));
  const present = overall.indexOf(Math.max(...overall));
  let value = 0;
  let variance = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    const inside = order.slice(Math.floor((bin * samples) / bins), Math.floor(((bin + 1) * samples) / bins));
    const halves = [inside.filter((_, index) => index % 2 === 0), inside.filter((_, index) => index % 2 === 1)];
    for (const [half, other] of [halves, halves.toReversed()]) {
      const chosen = scores[bestBy(scores, half)];
      const gain = meanAndVariance(other.map((index) => chosen[index] - scores[present][index]));
      value += gain.mean / (2 * bins);
      variance += gain.variance / other.length / (2 * bins) ** 2;
    }
  }
  return { value: Math.max(0, value), error: Math.sqrt(variance), bins };
};

const meanOf = (row: ArrayLike<number>, at: readonly number[]): number =>
  at.reduce((sum, index) => sum + row[index], 0) / at.length;

const meanAndVariance = (figures: readonly number[]): { readonly mean: number; readonly variance: number } => {
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  const squares = figures.reduce((sum, figure) => sum + (figure - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, figures.length - 1) };
};

const bestBy = (scores: readonly ArrayLike<number>[], at: readonly number[]): number => {
  const means = scores.map((row) => meanOf(row, at));
  return means.indexOf(Math.max(...means));
};
