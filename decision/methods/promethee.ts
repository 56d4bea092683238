import type { Direction, Matrix } from './normalisation.js';

/** How strongly a difference of d in a criterion's unit speaks for the better one, 0 to 1. */
export type Preference =
  /** Any difference is decisive. */
  | { readonly kind: 'usual' }
  /** None up to `indifference`, full from `preference` on, linear between. */
  | { readonly kind: 'linear'; readonly indifference: number; readonly preference: number }
  /** 1 − exp(−d² / 2s²). */
  | { readonly kind: 'gaussian'; readonly s: number };

export const preferenceOf = (preference: Preference, difference: number): number => {
  if (difference <= 0) return 0;
  switch (preference.kind) {
    case 'usual':
      return 1;
    case 'linear': {
      const { indifference: q, preference: p } = preference;
      if (difference <= q) return 0;
      return difference >= p ? 1 : (difference - q) / (p - q);
    }
    case 'gaussian':
      return 1 - Math.exp(-(difference ** 2) / (2 * preference.s ** 2));
    default:
      return preference satisfies never;
  }
};

export interface Promethee {
  /** How much each alternative is preferred to the others, and they to it, on average; and the difference, −1 to 1. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
  readonly net: readonly number[];
}

/**
 * PROMETHEE II: net flows from pairwise preferences. Weights are divided by their sum. One alternative alone has flows of 0.
 * Source: Brans, Vincke and Mareschal, *How to select and how to rank projects*, EJOR 24, 1986.
 */
export const promethee = (
  matrix: Matrix,
  weights: readonly number[],
  directions: readonly Direction[],
  preferences: readonly Preference[],
): Promethee => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const overall = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, figure, column) => {
      const difference = directions[column] === 'higher' ? figure - b[column] : b[column] - figure;
      return sum + (weights[column] / total) * preferenceOf(preferences[column], difference);
    }, 0);
  const others = Math.max(1, matrix.length - 1);
  const flow = (of: (a: readonly number[], b: readonly number[]) => number): number[] =>
    matrix.map((a) => matrix.reduce((sum, b) => (a === b ? sum : sum + of(a, b)), 0) / others);
  const positive = flow(overall);
  const negative = flow((a, b) => overall(b, a));
  return { positive, negative, net: positive.map((leaving, index) => leaving - negative[index]) };
};
