import {
  type Direction,
  type Matrix,
  type Normalisation,
  type NotDefined,
  isNotDefined,
  normalise,
  turnsCosts,
} from './normalisation.js';

/** Why a normalisation that leaves costs as they are cannot be summed up. */
export const refusesCosts = (directions: readonly Direction[], normalisation: Normalisation): NotDefined | null =>
  turnsCosts(normalisation) || directions.every((direction) => direction === 'higher')
    ? null
    : {
        notDefined: `less is better in some criterion, and the normalisation "${normalisation}" does not turn it round`,
      };

/**
 * Weighted sum: Σ weight × normalised figure, a score an alternative. Weights are used as given.
 * Source: Fishburn, *Additive utilities with incomplete product sets*, Operations Research 15, 1967.
 */
export const weightedSum = (
  matrix: Matrix,
  weights: readonly number[],
  directions: readonly Direction[],
  normalisation: Normalisation,
): readonly number[] | NotDefined => {
  const normalised = refusesCosts(directions, normalisation) ?? normalise(matrix, directions, normalisation);
  if (isNotDefined(normalised)) return normalised;
  return normalised.map((row) => row.reduce((sum, figure, column) => sum + weights[column] * figure, 0));
};
