import { baselineOf } from './baselines.js';
import type { Case, CaseBook, Figure } from './case.js';
import type { Outcome, Prediction } from './predictions/prediction.js';
import { type Status, score } from './score.js';
import { toleranceOf } from './tolerances.js';
import { topicOf } from './topics.js';

/** A case with what was stated for it. */
export interface ScoredCase {
  readonly one: Case;
  readonly status: Status;
  /** A cost was set on this very figure: it is met by construction, and counts for nothing. */
  readonly isCalibrated: boolean;
  /** null when nothing states it. */
  readonly actual: Figure | null;
  /** actual − expected, in the case's unit; null where one of them is no number. */
  readonly error: number | null;
  /** What one would guess without a model; null where no guess is worth the name. */
  readonly baseline: { readonly guess: Figure; readonly words: string; readonly status: Status } | null;
  /** What the figure is made of; or why there is none. */
  readonly note: string;
}

/** Runs every prediction once and scores every case, in the order of the data files. */
export const validate = (book: CaseBook, predictions: readonly Prediction[]): readonly ScoredCase[] => {
  const outcomes = outcomesOf(book, predictions);
  return book.cases.map((one) => scoreCase(one, outcomes.get(one.id), book));
};

const scoreCase = (one: Case, outcome: Outcome | undefined, book: CaseBook): ScoredCase => {
  const tolerance = toleranceOf(one.id);
  const guessed = baselineOf(one, book);
  const baseline = guessed && { ...guessed, status: score(one.expected, guessed.guess, tolerance) };
  const {
    actual,
    note = '',
    isCalibrated = false,
  }: Outcome = outcome ?? {
    actual: null,
    note: topicOf(one.id).notModelled,
  };
  if (actual === null) return { one, status: 'not-modelled', isCalibrated, actual, error: null, baseline, note };
  return {
    one,
    status: score(one.expected, actual, tolerance),
    isCalibrated,
    actual,
    error: difference(one.expected, actual),
    baseline,
    note,
  };
};

/** Rounded, since tails of decimal fractions are no information. */
const difference = (expected: Figure, actual: Figure): number | null =>
  typeof expected === 'number' && typeof actual === 'number' ? Number((actual - expected).toPrecision(12)) : null;

const outcomesOf = (book: CaseBook, predictions: readonly Prediction[]): ReadonlyMap<string, Outcome> => {
  const ids = new Set(book.cases.map(({ id }) => id));
  const outcomes = new Map<string, Outcome>();
  for (const prediction of predictions) {
    for (const [id, outcome] of prediction.run(book)) {
      const problem = problemOf(id, prediction, ids, outcomes);
      if (problem !== null) throw new Error(`prediction ${prediction.id} states ${id}, ${problem}`);
      outcomes.set(id, outcome);
    }
  }
  return outcomes;
};

const problemOf = (
  id: string,
  { covers }: Prediction,
  ids: ReadonlySet<string>,
  stated: ReadonlyMap<string, Outcome>,
): string | null => {
  if (!ids.has(id)) return 'which is no figure of the data files';
  if (!covers.some((start) => id === start || id.startsWith(`${start}/`)))
    return 'which it does not say that it covers';
  return stated.has(id) ? 'which another one states' : null;
};
