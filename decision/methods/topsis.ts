import {
  type Direction,
  type Matrix,
  type Normalisation,
  type NotDefined,
  isNotDefined,
  normalise,
  turnsCosts,
} from './normalisation.js';

export interface Topsis {
  /** Nearness to the ideal, 0 to 1, for each alternative. */
  readonly score: readonly number[];
  /** The best and the worst weighted figure of each criterion. */
  readonly ideal: readonly number[];
  readonly antiIdeal: readonly number[];
}

/**
 * TOPSIS: distance from the worst point, over the sum of the distances from the worst and the best, of weighted normalised figures.
 * Where all alternatives are the same point, each is as near to both, so 0.5.
 * Source: Hwang and Yoon, *Multiple Attribute Decision Making*, 1981.
 */
export const topsis = (
  matrix: Matrix,
  weights: readonly number[],
  directions: readonly Direction[],
  normalisation: Normalisation = 'vector',
): Topsis | NotDefined => {
  const normalised = normalise(matrix, directions, normalisation);
  if (isNotDefined(normalised)) return normalised;
  const weighted = normalised.map((row) => row.map((figure, column) => figure * weights[column]));
  const extreme = (best: boolean): number[] =>
    directions.map((direction, column) => {
      const figures = weighted.map((row) => row[column]);
      const most = (direction === 'higher' || turnsCosts(normalisation)) === best;
      return most ? Math.max(...figures) : Math.min(...figures);
    });
  const ideal = extreme(true);
  const antiIdeal = extreme(false);
  const distance = (row: readonly number[], from: readonly number[]): number =>
    Math.hypot(...row.map((figure, column) => figure - from[column]));
  const score = weighted.map((row) => {
    const best = distance(row, ideal);
    const worst = distance(row, antiIdeal);
    return best + worst === 0 ? 0.5 : worst / (best + worst);
  });
  return { score, ideal, antiIdeal };
};
