import { type SampledProblem, acceptability } from './smaa.js';

/** How a first-rank share settles as samples are added. */
export interface Convergence {
  /** Numbers of samples, doubling. */
  readonly samples: readonly number[];
  /** Share of first ranks of the alternative after so many samples. */
  readonly shares: readonly number[];
  /** Largest distance of any share over the last half of the samples from the final one. */
  readonly settledWithin: number;
}

const FIRST = 64;

/** Shares of one alternative over the first 64, 128, … samples of a low-discrepancy sequence, and all of them. */
export const convergenceOf = (problem: SampledProblem, alternative: number): Convergence => {
  const sizes: number[] = [];
  for (let size = FIRST; size < problem.samples; size *= 2) sizes.push(size);
  sizes.push(problem.samples);
  const shares = sizes.map((samples) => acceptability({ ...problem, samples }).ranks[alternative][0]);
  const last = shares.at(-1)!;
  const late = shares.filter((_, index) => sizes[index] * 2 >= problem.samples);
  return { samples: sizes, shares, settledWithin: Math.max(...late.map((share) => Math.abs(share - last))) };
};
