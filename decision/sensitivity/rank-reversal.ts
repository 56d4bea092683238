import { type NotDefined, isNotDefined } from '../methods/normalisation.js';

/** Scores for the rows it is given, more is better; a method may have none. */
export type Scoring = (rows: readonly (readonly number[])[]) => readonly number[] | NotDefined;

export interface RankReversal {
  /** Losers whose removal puts an alternative first that was not. */
  readonly dropped: readonly { readonly loser: number; readonly first: number }[];
  /** Losers that, made worse in every criterion, put an alternative first that was not. */
  readonly worsened: readonly { readonly loser: number; readonly first: number }[];
  /** Pairs in which the method, asked about the two alone, prefers the one that it ranks lower among all. */
  readonly pairs: readonly { readonly preferred: number; readonly over: number }[];
  /** Whether its preferences between pairs alone make a circle. */
  readonly circle: boolean;
}

/** Scores closer than this are tied: they are equal but for rounding. */
const TIE = 1e-9;

/** All that are first: ties are not broken, so that the order of the rows cannot matter. */
const firstsOf = (scores: readonly number[]): readonly number[] => {
  const best = Math.max(...scores);
  return scores.flatMap((score, index) => (best - score <= TIE ? [index] : []));
};

/**
 * Tests of a method on a table, after Wang and Triantaphyllou, *Ranking irregularities when evaluating alternatives by some ELECTRE methods*,
 * Omega 36, 2008. `worsen` gives a row that is worse than the given one in every criterion. A trial in which the method has no result says nothing.
 */
export const rankReversal = (
  rows: readonly (readonly number[])[],
  scoring: Scoring,
  worsen: (row: readonly number[]) => readonly number[],
): RankReversal => {
  const scores = scoring(rows);
  if (isNotDefined(scores)) return { dropped: [], worsened: [], pairs: [], circle: false };
  const firsts = firstsOf(scores);
  const losers = rows.flatMap((_, index) => (firsts.includes(index) ? [] : [index]));
  const newFirsts = (loser: number, kept: readonly number[], trial: readonly (readonly number[])[]) => {
    const found = scoring(trial);
    if (isNotDefined(found)) return [];
    return firstsOf(found)
      .map((place) => kept[place])
      .flatMap((first) => (firsts.includes(first) ? [] : [{ loser, first }]));
  };
  const everyone = rows.map((_, index) => index);
  const dropped = losers.flatMap((loser) => {
    const kept = everyone.filter((index) => index !== loser);
    return newFirsts(
      loser,
      kept,
      kept.map((index) => rows[index]),
    );
  });
  const worsened = losers.flatMap((loser) =>
    newFirsts(
      loser,
      everyone,
      rows.map((row, index) => (index === loser ? worsen(row) : row)),
    ),
  );
  const beats = pairwise(rows, scoring);
  const pairs = beats.flatMap((row, preferred) =>
    row.flatMap((wins, over) => (wins && scores[over] - scores[preferred] > TIE ? [{ preferred, over }] : [])),
  );
  return { dropped, worsened, pairs, circle: hasCircle(beats) };
};

/** [a][b]: whether a beats b when the method is asked about the two alone. */
const pairwise = (rows: readonly (readonly number[])[], scoring: Scoring): readonly (readonly boolean[])[] => {
  const beats = rows.map(() => rows.map(() => false));
  for (const [a, row] of rows.entries()) {
    for (let b = 0; b < a; b += 1) {
      const found = scoring([row, rows[b]]);
      if (isNotDefined(found)) continue;
      const [own, other] = found;
      if (own - other > TIE) beats[a][b] = true;
      else if (other - own > TIE) beats[b][a] = true;
    }
  }
  return beats;
};

/** Whether the relation leads from some alternative back to itself: those that beat nobody who is left are taken away until none is. */
const hasCircle = (beats: readonly (readonly boolean[])[]): boolean => {
  let left = beats.map((_, index) => index);
  for (;;) {
    const kept = left.filter((index) => left.some((other) => beats[index][other]));
    if (kept.length === left.length) return kept.length > 0;
    left = kept;
  }
};
