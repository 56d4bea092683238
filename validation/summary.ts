import type { Figure } from './case.js';
import type { Status } from './score.js';
import type { ScoredCase } from './validate.js';

/** How many cases have each status. */
export type StatusCounts = Readonly<Record<Status, number>>;

export const STATUSES: readonly Status[] = ['exact', 'within', 'off', 'not-modelled'];

export const countStatuses = (statuses: readonly Status[]): StatusCounts =>
  Object.fromEntries(
    STATUSES.map((status) => [status, statuses.filter((each) => each === status).length]),
  ) as StatusCounts;

/** What `validate --json` prints. A text stands in `note`, and `expected` or `actual` is null. */
export interface ValidationDocument {
  readonly cases: readonly {
    readonly id: string;
    readonly source: 'xen' | 'published';
    readonly what: string;
    readonly unit: string;
    readonly expected: number | null;
    readonly actual: number | null;
    /** actual − expected, in `unit`. */
    readonly error: number | null;
    readonly status: Status;
    readonly note: string;
  }[];
  readonly summary: {
    readonly cases: number;
    /** Of these, how many a cost was set on: their notes begin with *calibrated*. */
    readonly calibrated: number;
    readonly engine: StatusCounts;
    /** The guesses without a model, for the cases that the engine states: not-modelled where there is no guess. */
    readonly noModel: StatusCounts;
  };
}

export const toDocument = (scored: readonly ScoredCase[]): ValidationDocument => ({
  cases: scored.map(({ one, status, actual, error, ...rest }) => ({
    id: one.id,
    source: one.source,
    what: one.what,
    unit: one.unit,
    expected: numberIn(one.expected),
    actual: numberIn(actual),
    error,
    status,
    note: noteOf({ one, status, actual, error, ...rest }),
  })),
  summary: {
    cases: scored.length,
    calibrated: scored.filter(({ isCalibrated }) => isCalibrated).length,
    engine: countStatuses(scored.map(({ status }) => status)),
    noModel: countStatuses(baselineStatuses(scored)),
  },
});

/** How the guesses do on the cases that the engine predicts. */
export const baselineStatuses = (scored: readonly ScoredCase[]): readonly Status[] =>
  scored.filter(isPredicted).map(({ baseline }) => baseline?.status ?? 'not-modelled');

/** The engine states it, and no cost was set on it. */
export const isPredicted = ({ status, isCalibrated }: ScoredCase): boolean =>
  status !== 'not-modelled' && !isCalibrated;

const numberIn = (figure: Figure | null): number | null => (typeof figure === 'number' ? figure : null);

const noteOf = ({ one, actual, isCalibrated, baseline, note }: ScoredCase): string => {
  const parts = [isCalibrated ? `calibrated: ${note}` : note];
  if (typeof one.expected === 'string') parts.unshift(`expected "${one.expected}"`);
  if (typeof actual === 'string') parts.unshift(`got "${actual}"`);
  if (baseline !== null && actual !== null) parts.push(`no model: ${baseline.guess} (${baseline.words})`);
  return parts.filter((part) => part !== '').join('; ');
};
