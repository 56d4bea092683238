/** What knowing more is worth, in the unit of the score. */
export interface PerfectInformation {
  /** The best that can be expected by choosing now. */
  readonly bestExpected: number;
  /** What is expected when one may choose after seeing each state. */
  readonly withInformation: number;
  /** The difference: no study is worth more. */
  readonly value: number;
  /** Standard error of `value` where the states are samples, taken as independent. */
  readonly error: number;
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
  const value = Math.max(0, withInformation - bestExpected);
  const present = scores[expected.indexOf(bestExpected)];
  let squares = 0;
  for (let state = 0; state < states; state += 1) {
    const best = scores.reduce((most, row) => Math.max(most, row[state]), Number.NEGATIVE_INFINITY);
    squares += (best - present[state] - value) ** 2;
  }
  return { bestExpected, withInformation, value, error: Math.sqrt(squares / Math.max(1, states - 1) / states) };
};
