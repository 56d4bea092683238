import { type Direction, type Matrix, type NotDefined, isNotDefined, normalise } from '../methods/normalisation.js';

/** Columns that are as even as this are even but for rounding. */
const ROUNDING = 1e-12;

/**
 * What the data alone would say, by entropy: a criterion counts more the less even its figures are. 1 − H over the sum of those, with
 * H the entropy of the column's shares to the base of their number.
 * Source: Hwang and Yoon, *Multiple Attribute Decision Making*, 1981. A column of
 * zeros is even. Not defined for figures below zero, and where every column is even.
 */
export const entropyWeights = (matrix: Matrix): readonly number[] | NotDefined => {
  if (matrix.length < 2) return { notDefined: 'one alternative says nothing of how criteria differ' };
  if (matrix.some((row) => row.some((figure) => figure < 0)))
    return { notDefined: 'shares of figures below zero have no entropy' };
  const divergence = matrix[0].map((_, column) => {
    const total = matrix.reduce((sum, row) => sum + row[column], 0);
    if (total === 0) return 0;
    const entropy = matrix.reduce((sum, row) => {
      const share = row[column] / total;
      return share > 0 ? sum - share * Math.log(share) : sum;
    }, 0);
    const evenness = entropy / Math.log(matrix.length);
    return 1 - evenness < ROUNDING ? 0 : 1 - evenness;
  });
  return toShares(divergence, 'every criterion has the same figure for all');
};

/**
 * What the data alone would say, by CRITIC: a criterion counts more the more its figures spread and the less they go along with those of
 * others. Population standard deviation of the min-max figures, times Σ (1 − correlation).
 * Source: Diakoulaki, Mavrotas and Papayannakis, *Determining objective weights*, Computers & Operations Research 22, 1995.
 */
export const criticWeights = (
  matrix: Matrix,
  directions: readonly Direction[],
  correlation: 'Pearson' | 'Spearman' = 'Pearson',
): readonly number[] | NotDefined => {
  const scaled = normalise(matrix, directions, 'min-max');
  if (isNotDefined(scaled)) return scaled;
  const columns = directions.map((_, column) => scaled.map((row) => row[column]));
  const compared = correlation === 'Pearson' ? columns : columns.map(fractionalRanks);
  const information = columns.map(
    (column, index) =>
      deviation(column) * compared.reduce((sum, other) => sum + 1 - pearson(compared[index], other), 0),
  );
  return toShares(information, 'every criterion has the same figure for all');
};

const toShares = (figures: readonly number[], reason: string): readonly number[] | NotDefined => {
  const sum = figures.reduce((total, figure) => total + figure, 0);
  return sum === 0 ? { notDefined: reason } : figures.map((figure) => figure / sum);
};

const mean = (column: readonly number[]): number => column.reduce((sum, figure) => sum + figure, 0) / column.length;

const deviation = (column: readonly number[]): number => {
  const middle = mean(column);
  return Math.sqrt(mean(column.map((figure) => (figure - middle) ** 2)));
};

/** A constant column goes along with nothing: 0. */
const pearson = (a: readonly number[], b: readonly number[]): number => {
  const spread = deviation(a) * deviation(b);
  if (spread === 0) return 0;
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(a.map((figure, index) => (figure - meanA) * (b[index] - meanB))) / spread;
};

/** Ranks from 1, ties sharing their mean. */
const fractionalRanks = (column: readonly number[]): number[] =>
  column.map((figure) => {
    const below = column.filter((other) => other < figure).length;
    const same = column.filter((other) => other === figure).length;
    return below + (same + 1) / 2;
  });
