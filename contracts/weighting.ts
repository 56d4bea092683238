/** How criteria are weighed against each other. Types only. */

/** A figure in its own unit; exact where all three are one number. `likely` is the mode of a triangular distribution. */
export interface FigureRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** How the members of one group, or of the top, are weighed against each other. Members are ids of criteria and groups. */
export type Weighting =
  /** They sum to 100: checked, never scaled. Drawn from triangles between points × (1 − spread) and points × (1 + spread), over their sum. */
  | { readonly kind: 'points'; readonly points: Readonly<Record<string, number>>; readonly spread: number }
  /** The likely ones sum to 100. Drawn from triangles, over their sum. */
  | { readonly kind: 'ranges'; readonly ranges: Readonly<Record<string, FigureRange>> }
  /** Places from the most important; members of one place are not ordered. Nominal: rank-order centroid. Drawn uniformly from what keeps the order. */
  | { readonly kind: 'order'; readonly places: readonly (readonly string[])[] }
  /** What the step from worst to best is worth, the most valued being 100. */
  | { readonly kind: 'swing'; readonly swings: Readonly<Record<string, number>>; readonly spread: number }
  /** [one, other, how many times as much one counts], every pair once. */
  | {
      readonly kind: 'pairwise';
      readonly pairs: readonly (readonly [string, string, number])[];
      readonly randomIndex: 'Saaty 1980' | 'Saaty 2005' | 'Donegan and Dodd 1991';
      readonly spread: number;
    }
  /** Nothing is known: uniform over all weights; nominal are equal ones. */
  | { readonly kind: 'unknown' };

/** A criterion, or a group of them, as what is weighed. */
export interface WeighedNode {
  readonly id: string;
  /** The members of a group; a criterion has none. */
  readonly criteria?: readonly WeighedNode[];
}

/** The weights of a profile: of the top of the tree, and by group id those of its members. */
export interface TreeWeights {
  readonly weights: Weighting;
  readonly within: Readonly<Record<string, Weighting>>;
}

/** How well the pairwise comparisons of a group agree with each other. */
export interface PairwiseConsistency {
  /** Null for the top. */
  readonly group: string | null;
  readonly lambdaMax: number;
  /** Consistency index over the random index; null where the table has none for so many. Below 0.1 is taken as consistent enough. */
  readonly ratio: number | null;
  readonly randomIndex: string;
}
