/**
 * Exact shares of first ranks where there are two criteria, values are known, and the weight of the first criterion is uniform over a range, 0 to 1
 * where nothing is known: each score is a straight line over that weight, so the upper envelope says who is first where. Alternatives
 * that are equal share their part.
 */
export const exactFirstShares = (
  values: readonly (readonly [number, number])[],
  [low, high]: readonly [number, number] = [0, 1],
): readonly number[] => {
  const cuts = new Set([low, high]);
  for (const [a, [a1, a2]] of values.entries()) {
    for (const [b1, b2] of values.slice(0, a)) {
      const slope = a1 - a2 - (b1 - b2);
      if (slope === 0) continue;
      const at = (b2 - a2) / slope;
      if (at > low && at < high) cuts.add(at);
    }
  }
  const points = [...cuts].toSorted((a, b) => a - b);
  const shares = values.map(() => 0);
  for (let index = 1; index < points.length; index += 1) {
    const middle = (points[index - 1] + points[index]) / 2;
    const scores = values.map(([one, two]) => middle * one + (1 - middle) * two);
    const best = Math.max(...scores);
    const first = scores.flatMap((score, a) => (best - score <= 1e-12 ? [a] : []));
    for (const a of first) shares[a] += (points[index] - points[index - 1]) / (high - low) / first.length;
  }
  return shares;
};
