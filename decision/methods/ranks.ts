/** Ranks from 1, the best having the highest score. Scores within `tolerance` of the best of their group share its rank. */
export const ranksOf = (scores: readonly number[], tolerance = 1e-12): readonly number[] => {
  const order = scores.map((_, index) => index).toSorted((a, b) => scores[b] - scores[a] || a - b);
  const ranks: number[] = Array.from({ length: scores.length });
  let leader = 0;
  order.forEach((index, place) => {
    if (place === 0 || scores[order[leader]] - scores[index] > tolerance) leader = place;
    ranks[index] = leader + 1;
  });
  return ranks;
};
