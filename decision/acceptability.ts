/** Scores that differ by no more than this are tied: they are equal but for rounding. */
const tieWidth = 1e-12;

/**
 * Adds one sample's ranks to the tallies: `tallies[a][r]` is the share of samples so far in which alternative `a` came at rank `r`
 * (0 the best), as a sum of ones. Tied alternatives share the ranks that they take up evenly.
 */
export function tallyRanks(scores: Float64Array, tallies: readonly Float64Array[]): void {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  let from = 0;
  while (from < order.length) {
    const leader = scores[order[from]];
    let to = from + 1;
    while (to < order.length && leader - scores[order[to]] <= tieWidth) to++;
    const share = 1 / (to - from);
    for (let i = from; i < to; i++) {
      const tally = tallies[order[i]];
      for (let rank = from; rank < to; rank++) tally[rank] += share;
    }
    from = to;
  }
}

/**
 * Rank acceptability: for each alternative the share of samples at each rank. `scores[a][s]` is the score of alternative `a` in sample
 * `s`. Each row sums to 1, and so does each rank over the alternatives.
 * Source: Lahdelma and Salminen, Operations Research 49(3), 2001 (SMAA-2).
 */
export function rankAcceptability(scores: readonly Float64Array[], samples: number): readonly (readonly number[])[] {
  const tallies = scores.map(() => new Float64Array(scores.length));
  const inSample = new Float64Array(scores.length);
  for (let s = 0; s < samples; s++) {
    for (let a = 0; a < scores.length; a++) inSample[a] = scores[a][s]!;
    tallyRanks(inSample, tallies);
  }
  return tallies.map((tally) => Array.from(tally, (count) => count / samples));
}
