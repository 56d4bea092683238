import type { SampledProblem } from '../acceptability/smaa.js';

/**
 * The values of every sample side by side, and the weights likewise.
 * `values[a][c][s]`, `weights[c][s]`; without weights they are zero.
 */
export const sampledProblem = (
  samples: number,
  criteria: number,
  values: readonly (readonly Float64Array[])[],
  weights: readonly Float64Array[] = [],
): SampledProblem => {
  const together = new Float64Array(samples * values.length * criteria);
  values.forEach((columns, a) =>
    columns.forEach((column, c) => {
      for (let sample = 0; sample < samples; sample += 1) {
        together[(sample * values.length + a) * criteria + c] = column[sample];
      }
    }),
  );
  const weighed = new Float64Array(samples * criteria);
  weights.forEach((column, c) => {
    for (let sample = 0; sample < samples; sample += 1) weighed[sample * criteria + c] = column[sample];
  });
  return { samples, alternatives: values.length, criteria, values: together, weights: weighed };
};
