import type { Direction, Matrix } from './normalisation.js';

export interface Vikor {
  /** Weighted distance from the best over all criteria, and in the worst one; less is better. */
  readonly S: readonly number[];
  readonly R: readonly number[];
  /** Both together, 0 to 1; less is better. */
  readonly Q: readonly number[];
  /** The first is ahead of the second by at least 1 / (alternatives − 1) in Q. */
  readonly advantage: boolean;
  /** The first by Q is first by S or by R too. */
  readonly stability: boolean;
  /** Alternatives that the method proposes together, in the order of Q: only the first where it has advantage and stability. */
  readonly compromise: readonly number[];
}

/** Quotients that differ by no more than this are equal but for rounding. */
const SAME = 1e-12;

const ascending = (figures: readonly number[]): number[] =>
  figures.map((_, index) => index).toSorted((a, b) => figures[a] - figures[b] || a - b);

/** x between best and worst, 0 to 1; 0 where they are one. */
const between = (x: number, best: number, worst: number): number => (best === worst ? 0 : (best - x) / (best - worst));

/**
 * VIKOR with its conditions. `v` weighs the many against the worst criterion. Weights are divided by their sum.
 * Source: Opricovic and Tzeng, *Compromise solution by MCDM methods*, EJOR 156, 2004.
 */
export const vikor = (matrix: Matrix, weights: readonly number[], directions: readonly Direction[], v = 0.5): Vikor => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const distances = matrix.map((row) =>
    row.map((figure, column) => {
      const figures = matrix.map((other) => other[column]);
      const ends = [Math.max(...figures), Math.min(...figures)] as const;
      const [best, worst] = directions[column] === 'higher' ? ends : [ends[1], ends[0]];
      return (weights[column] / total) * between(figure, best, worst);
    }),
  );
  const S = distances.map((row) => row.reduce((sum, distance) => sum + distance, 0));
  const R = distances.map((row) => Math.max(...row));
  const Q = S.map(
    (s, index) =>
      v * between(s, Math.min(...S), Math.max(...S)) + (1 - v) * between(R[index], Math.min(...R), Math.max(...R)),
  );
  const byQ = ascending(Q);
  const [first, second] = byQ;
  const step = matrix.length > 1 ? 1 / (matrix.length - 1) : 0;
  const advantage = second === undefined || Q[second] - Q[first] >= step - SAME;
  const stability = S[first] - Math.min(...S) <= SAME || R[first] - Math.min(...R) <= SAME;
  const near = byQ.filter((index) => index === first || Q[index] - Q[first] < step - SAME);
  const both = stability ? [first] : byQ.slice(0, 2);
  return { S, R, Q, advantage, stability, compromise: advantage ? both : near };
};
