/**
 * Weights from an order alone: the centroid of all weights that keep it, w_k = (1/n) Σ_{i≥k} 1/i for the k-th of n.
 * Criteria that share a place share the mean of their places' weights. `order` gives each criterion's place from 1.
 * Source: Barron and Barrett, *Decision quality using ranked attribute weights*, Management Science 42, 1996.
 */
export const rankOrderCentroid = (order: readonly number[]): readonly number[] => {
  const n = order.length;
  const byPlace = order.map((_, k) => {
    let sum = 0;
    for (let i = n; i > k; i -= 1) sum += 1 / i;
    return sum / n;
  });
  const sorted = order.toSorted((a, b) => a - b);
  return order.map((place) => {
    const first = sorted.indexOf(place);
    const last = sorted.lastIndexOf(place);
    const shared = byPlace.slice(first, last + 1);
    return shared.reduce((sum, weight) => sum + weight, 0) / shared.length;
  });
};
