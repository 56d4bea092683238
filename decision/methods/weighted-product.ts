import {
  type Direction,
  type Matrix,
  type Normalisation,
  type NotDefined,
  isNotDefined,
  normalise,
} from './normalisation.js';
import { refusesCosts } from './weighted-sum.js';

/**
 * Weighted product: Π figure^weight, a score an alternative. Not defined for figures below zero; one zero makes the product zero.
 * Source: Bridgman, *Dimensional Analysis*, 1922.
 */
export const weightedProduct = (
  matrix: Matrix,
  weights: readonly number[],
  directions: readonly Direction[],
  normalisation: Normalisation,
): readonly number[] | NotDefined => {
  const normalised = refusesCosts(directions, normalisation) ?? normalise(matrix, directions, normalisation);
  if (isNotDefined(normalised)) return normalised;
  if (normalised.some((row) => row.some((figure) => figure < 0))) {
    return { notDefined: 'a power of a figure below zero means nothing' };
  }
  return normalised.map((row) => row.reduce((product, figure, column) => product * figure ** weights[column], 1));
};
