/**
 * Kendall's tau-b of two rankings, −1 to 1; ties count for neither side. Null where a ranking has all equal, or there is but one alternative.
 * Source: Kendall, *The treatment of ties in ranking problems*, Biometrika 33, 1945.
 */
export const kendallTau = (one: readonly number[], two: readonly number[]): number | null => {
  let balance = 0;
  let apartInOne = 0;
  let apartInTwo = 0;
  for (let a = 0; a < one.length; a += 1) {
    for (let b = 0; b < a; b += 1) {
      const first = Math.sign(one[a] - one[b]);
      const second = Math.sign(two[a] - two[b]);
      balance += first * second;
      apartInOne += Math.abs(first);
      apartInTwo += Math.abs(second);
    }
  }
  return apartInOne === 0 || apartInTwo === 0 ? null : balance / Math.sqrt(apartInOne * apartInTwo);
};

/**
 * Kendall's coefficient of concordance of several rankings, 0 to 1, corrected for ties. Null for fewer than two alternatives, for no ranking, and
 * where every ranking has all equal.
 * Source: Kendall and Babington Smith, *The problem of m rankings*, Annals of Mathematical Statistics 10, 1939.
 */
export const concordanceOf = (rankings: readonly (readonly number[])[]): number | null => {
  const judges = rankings.length;
  const n = rankings[0]?.length ?? 0;
  if (n < 2) return null;
  const middle = rankings.map(midRanks);
  const sums = middle[0].map((_, index) => middle.reduce((sum, ranks) => sum + ranks[index], 0));
  const mean = (judges * (n + 1)) / 2;
  const spread = sums.reduce((total, sum) => total + (sum - mean) ** 2, 0);
  const ties = middle.reduce((total, ranks) => total + tieCorrection(ranks), 0);
  const most = judges ** 2 * (n ** 3 - n) - judges * ties;
  return most === 0 ? null : (12 * spread) / most;
};

/** Ranks from 1 in which those that are equal share the mean of their places. */
const midRanks = (ranks: readonly number[]): readonly number[] =>
  ranks.map((rank) => {
    const before = ranks.filter((other) => other < rank).length;
    const same = ranks.filter((other) => other === rank).length;
    return before + (same + 1) / 2;
  });

/** Σ (t³ − t) over groups of t equal ones. */
const tieCorrection = (ranks: readonly number[]): number =>
  ranks.reduce((sum, rank) => sum + ranks.filter((other) => other === rank).length ** 2 - 1, 0);
