/** Ranks alternatives by a method: scores for the rows it is given, more is better. */
export type Scoring = (rows: readonly (readonly number[])[]) => readonly number[];

export interface RankReversal {
  /** Losers whose removal makes another alternative first. */
  readonly dropped: readonly { readonly loser: number; readonly first: number }[];
  /** Losers that, made worse in every criterion, make another alternative first. */
  readonly worsened: readonly { readonly loser: number; readonly first: number }[];
  /** Pairs in which the method, asked about the two alone, prefers the one that it ranks lower among all. */
  readonly pairs: readonly { readonly preferred: number; readonly over: number }[];
  /** Whether its preferences between pairs alone make a circle. */
  readonly circle: boolean;
}

const firstOf = (scores: readonly number[]): number =>
  scores.reduce((best, score, index) => (score > scores[best] ? index : best), 0);

/**
 * Tests of a method on a table, after Wang and Triantaphyllou, *Ranking irregularities when evaluating alternatives by some ELECTRE methods*,
 * Omega 36, 2008. `worsen` gives a row that is worse than the given one in every criterion.
 */
export const rankReversal = (
  rows: readonly (readonly number[])[],
  scoring: Scoring,
  worsen: (row: readonly number[]) => readonly number[],
): RankReversal => {
  const scores = scoring(rows);
  const first = firstOf(scores);
  const losers = rows.flatMap((_, index) => (index === first ? [] : [index]));
  const dropped = losers.flatMap((loser) => {
    const kept = rows.flatMap((_, index) => (index === loser ? [] : [index]));
    const now = kept[firstOf(scoring(kept.map((index) => rows[index])))];
    return now === first ? [] : [{ loser, first: now }];
  });
  const worsened = losers.flatMap((loser) => {
    const now = firstOf(scoring(rows.map((row, index) => (index === loser ? worsen(row) : row))));
    return now === first ? [] : [{ loser, first: now }];
  });
  const beats = rows.map((row, a) =>
    rows.map((other, b) => {
      if (a === b) return false;
      const [own, others] = scoring([row, other]);
      return own > others;
    }),
  );
  const pairs = beats.flatMap((row, preferred) =>
    row.flatMap((wins, over) => (wins && scores[preferred] < scores[over] ? [{ preferred, over }] : [])),
  );
  return { dropped, worsened, pairs, circle: hasCircle(beats) };
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
