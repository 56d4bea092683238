import type { CaseBook, Figure } from '../case.js';

/** What the engine's state came to for one case. */
export interface Outcome {
  /** null for a figure that is given to the engine: the note says for what. */
  readonly actual: Figure | null;
  /** A cost or a scene was set on this very figure, so that to meet it says nothing. */
  readonly isCalibrated?: boolean;
  /** What it is made of, and what stays unexplained. */
  readonly note?: string;
}

/**
 * A scene that is built and run on the engine, and the cases that it states figures for. It reads what was measured on
 * (`conditions`) and never what was measured, but for what the data files say may calibrate, and the null job's own cost.
 * A figure comes out of state and mechanism, never from a formula that knows the answer.
 */
export interface Prediction {
  readonly id: string;
  /** What is built and run, in a sentence. */
  readonly title: string;
  /** Starts of the ids of the cases that it may state. */
  readonly covers: readonly string[];
  /** The figures that it states, by case id; what it leaves out is *not modelled*. */
  readonly run: (book: CaseBook) => ReadonlyMap<string, Outcome>;
}
