/** What knowing more is worth, in the unit of the score. */
export interface PerfectInformation {
  /** The best that can be expected by choosing now. */
  readonly bestExpected: number;
  /** What is expected when one may choose after seeing each state. */
  readonly withInformation: number;
  /** The difference: no study is worth more. */
  readonly value: number;
}

/**
 * Expected value of perfect information. `scores[a][s]` is what alternative `a` gives in state `s`; states are equally likely unless
 * probabilities, which sum to 1, are given.
 * Source: Raiffa and Schlaifer, *Applied Statistical Decision Theory*, 1961.
 */
export const perfectInformation = (
  scores: readonly ArrayLike<number>[],
  probabilities?: readonly number[],
): PerfectInformation => {
  const states = scores[0].length;
  const expected = scores.map(() => 0);
  let withInformation = 0;
  for (let state = 0; state < states; state += 1) {
    const probability = probabilities?.[state] ?? 1 / states;
    let best = Number.NEGATIVE_INFINITY;
    scores.forEach((row, a) => {
      expected[a] += probability * row[state];
      best = Math.max(best, row[state]);
    });
    withInformation += probability * best;
  }
  const bestExpected = Math.max(...expected);
  return { bestExpected, withInformation, value: Math.max(0, withInformation - bestExpected) };
};
