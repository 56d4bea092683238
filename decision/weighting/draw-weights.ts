/**
 * Weights that are uniform on the simplex: exponential deviates over their sum. `uniform[c][s]` in [0, 1), independent between criteria.
 * Source: Rubinstein and Melamed, *Modern Simulation and Modeling*, 1998.
 */
export const simplexPoints = (uniform: readonly Float64Array[]): readonly Float64Array[] =>
  overSum(uniform.map((column) => column.map((u) => -Math.log1p(-u))));

/**
 * Weights that are uniform among those that keep an order: points of the simplex, the largest to the first place and so on. Criteria that share a
 * place get its weights in the order that their own points have, which prefers none of them. The mean over all is the rank-order centroid.
 * `order` gives each criterion's place from 1.
 */
export const orderedPoints = (uniform: readonly Float64Array[], order: readonly number[]): readonly Float64Array[] => {
  const points = simplexPoints(uniform);
  const ordered = points.map((column) => new Float64Array(column.length));
  const criteria = order.map((_, criterion) => criterion);
  for (let sample = 0; sample < points[0].length; sample += 1) {
    const weights = points.map((column) => column[sample]);
    const descending = weights.toSorted((a, b) => b - a);
    const placed = criteria.toSorted((a, b) => order[a] - order[b] || weights[b] - weights[a] || a - b);
    placed.forEach((criterion, place) => (ordered[criterion][sample] = descending[place]));
  }
  return ordered;
};

/** Every sample's weights over their sum. Where all of a sample's are zero, all weigh alike. */
export const overSum = (columns: readonly Float64Array[]): readonly Float64Array[] => {
  const sums = new Float64Array(columns[0].length);
  for (const column of columns) column.forEach((weight, sample) => (sums[sample] += weight));
  return columns.map((column) =>
    column.map((weight, sample) => (sums[sample] === 0 ? 1 / columns.length : weight / sums[sample])),
  );
};
