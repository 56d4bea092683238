/**
 * Random indices: the mean consistency index of random pairwise matrices of an order, by who sampled them. Packages differ in which
 * they use, so a ratio names its table. Index 0 is order 1.
 */
export const RANDOM_INDICES = {
  /** Saaty, *The Analytic Hierarchy Process*, 1980. */
  'Saaty 1980': [0, 0, 0.58, 0.9, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59],
  /** Saaty, *Theory and Applications of the Analytic Network Process*, 2005. */
  'Saaty 2005': [0, 0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.4, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59],
  /** Donegan and Dodd, *A note on Saaty's random indexes*, Mathematical and Computer Modelling 15, 1991. */
  'Donegan and Dodd 1991': [
    0, 0, 0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055, 1.4213, 1.4497, 1.4643, 1.4822, 1.4969,
  ],
} as const;
export type RandomIndexTable = keyof typeof RANDOM_INDICES;

export interface PairwiseWeights {
  /** Sum to 1. */
  readonly weights: readonly number[];
  readonly lambdaMax: number;
  /** (λmax − n) / (n − 1); 0 for one or two. */
  readonly consistencyIndex: number;
}

/** How priorities come out of a matrix: its principal eigenvector, or the mean of its columns over their sums. */
export type PriorityMethod = 'eigenvector' | 'column mean';

const ITERATIONS = 1000;
const PRECISION = 1e-15;

const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, entry, index) => sum + entry * vector[index], 0));

const toSumOne = (vector: readonly number[]): number[] => {
  const sum = vector.reduce((total, entry) => total + entry, 0);
  return vector.map((entry) => entry / sum);
};

/** By power iteration, which converges for every positive matrix (Perron). */
const principalEigenvector = (matrix: readonly (readonly number[])[]): readonly number[] => {
  let vector: readonly number[] = toSumOne(matrix.map(() => 1));
  for (let iteration = 0; iteration < ITERATIONS; iteration += 1) {
    const next = toSumOne(times(matrix, vector));
    const change = Math.max(...next.map((entry, index) => Math.abs(entry - vector[index])));
    vector = next;
    if (change < PRECISION) break;
  }
  return vector;
};

const columnMean = (matrix: readonly (readonly number[])[]): readonly number[] => {
  const columns = matrix.map((_, column) => toSumOne(matrix.map((row) => row[column])));
  return matrix.map((_, row) => columns.reduce((sum, column) => sum + column[row], 0) / matrix.length);
};

/**
 * Weights from pairwise comparisons: entry [i][j] says how many times as much i counts as j; positive, and reciprocal across the diagonal.
 * Source: Saaty, *A scaling method for priorities in hierarchical structures*, Journal of Mathematical Psychology 15, 1977.
 * @throws RangeError for a matrix that is not square, positive and reciprocal.
 */
export const pairwiseWeights = (
  matrix: readonly (readonly number[])[],
  method: PriorityMethod = 'eigenvector',
): PairwiseWeights => {
  matrix.forEach((row, i) => {
    if (row.length !== matrix.length)
      throw new RangeError(`row ${i + 1} has ${row.length} entries, not ${matrix.length}`);
    row.forEach((entry, j) => {
      if (!(entry > 0 && Number.isFinite(entry)))
        throw new RangeError(`entry ${i + 1}, ${j + 1} is not above zero: ${entry}`);
      if (Math.abs(entry * matrix[j][i] - 1) > 1e-6)
        throw new RangeError(`entries ${i + 1}, ${j + 1} and ${j + 1}, ${i + 1} are not reciprocal`);
    });
  });
  const n = matrix.length;
  const weights = method === 'eigenvector' ? principalEigenvector(matrix) : columnMean(matrix);
  const lambdaMax = times(matrix, weights).reduce((sum, entry, index) => sum + entry / weights[index], 0) / n;
  return { weights, lambdaMax, consistencyIndex: n < 3 ? 0 : (lambdaMax - n) / (n - 1) };
};

/** The consistency index over the random index of a table. Not defined for an order that the table does not have: null. */
export const consistencyRatio = (index: number, order: number, table: RandomIndexTable): number | null => {
  if (order < 3) return 0;
  const random: number | undefined = RANDOM_INDICES[table][order - 1];
  return random === undefined ? null : index / random;
};
