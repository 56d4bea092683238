import type { Matrix } from '../methods/normalisation.js';

/** Who is first by additive value, and by how much. Of equal ones the first in the list is named. */
export interface Lead {
  readonly first: number;
  readonly lead: number;
}

export const scoresOf = (values: Matrix, weights: readonly number[]): readonly number[] =>
  values.map((row) => row.reduce((sum, value, criterion) => sum + value * weights[criterion], 0));

/** How far one alternative is ahead of the best other one, and who is first. There are two alternatives at least. */
export const leadOf = (scores: readonly number[], of: number): Lead => {
  const rival = scores.reduce((best, score, index) => (index === of ? best : Math.max(best, score)), -Infinity);
  return { first: scores[of] >= rival ? of : scores.indexOf(rival), lead: scores[of] - rival };
};

/** The weights with one of them set and the others in proportion; where the others are nothing they share alike. */
export const withWeight = (weights: readonly number[], criterion: number, weight: number): readonly number[] => {
  const others = weights.reduce((sum, other, c) => (c === criterion ? sum : sum + other), 0);
  return weights.map((other, c) => {
    if (c === criterion) return weight;
    return (1 - weight) * (others > 0 ? other / others : 1 / (weights.length - 1));
  });
};
