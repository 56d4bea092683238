/**
 * Additive value of one alternative: the sum of weight × value over the criteria. In [0, 1] when every value is and the weights sum to 1.
 * Source: Keeney and Raiffa, Decisions with Multiple Objectives, 1976.
 */
export function additiveValue(weights: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < weights.length; c++) sum += weights[c] * values[c];
  return sum;
}

/** Additive value in every sample: `weights[c][s]` and `values[c][s]` for criterion `c` in sample `s`. Rounding above 1 is cut off. */
export function additiveSamples(
  weights: readonly Float64Array[],
  values: readonly Float64Array[],
  samples: number,
): Float64Array {
  const scores = new Float64Array(samples);
  for (let c = 0; c < weights.length; c++) {
    const weight = weights[c];
    const value = values[c];
    for (let s = 0; s < samples; s++) scores[s] += weight[s] * value[s];
  }
  for (let s = 0; s < samples; s++) scores[s] = Math.min(scores[s], 1);
  return scores;
}
