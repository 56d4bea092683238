/** An uncertain input of the score, with a low and a high end. */
export interface TornadoInput {
  readonly id: string;
  readonly low: number;
  readonly high: number;
}

export interface TornadoBar {
  readonly id: string;
  /** What is looked at with the input at its low and its high end, everything else as it is. */
  readonly atLow: number;
  readonly atHigh: number;
  /** |atHigh − atLow|. */
  readonly swing: number;
}

/** One bar an input, the widest first; of equal ones the id that comes first. `evaluate` gets the id and the value it has. */
export const tornado = (
  inputs: readonly TornadoInput[],
  evaluate: (id: string, value: number) => number,
): readonly TornadoBar[] =>
  inputs
    .map(({ id, low, high }) => {
      const atLow = evaluate(id, low);
      const atHigh = evaluate(id, high);
      return { id, atLow, atHigh, swing: Math.abs(atHigh - atLow) };
    })
    .toSorted((a, b) => b.swing - a.swing || (a.id < b.id ? -1 : 1));
