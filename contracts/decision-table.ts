/** A decision on a plain table: any alternatives, any criteria, no engine. Types only. Ids are any text. */

import type { CriterionWeight } from './decision-analysis.js';
import type { CriterionOutcome, Decision, ProfileOutcome } from './decision.js';
import type { ValueFunction } from './study.js';

/** A figure in its criterion's unit; exact where all three are one number. `likely` is the mode of a triangular distribution. */
export interface FigureRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** From a figure to its value, 0 (worst) to 1 (best). Beyond an end the end's value holds. */
export type ValueShape =
  | ({ readonly kind: 'linear' } & LinearScale)
  /** v = (1 − e^(−cz)) / (1 − e^(−c)), z the share of the way from worst to best, and c such that `half` has the value one half. */
  | {
      readonly kind: 'exponential';
      readonly better: 'higher' | 'lower';
      readonly worst: number;
      readonly best: number;
      readonly half: number;
    }
  | { readonly kind: 'piecewise'; readonly points: ValueFunction };

/** An end that is null is the worst or the best figure that any alternative may have. */
export interface LinearScale {
  readonly better: 'higher' | 'lower';
  readonly worst: number | null;
  readonly best: number | null;
}

export interface TableCriterion {
  readonly id: string;
  readonly title: string;
  readonly kind: 'measured' | 'judged';
  readonly unit: string;
  readonly value: ValueShape;
  /** Alternative id to its figure; null where there is none. Every alternative has an entry. */
  readonly figures: Readonly<Record<string, FigureRange | null>>;
}

export interface TableGroup {
  readonly id: string;
  readonly title: string;
  readonly criteria: readonly TableNode[];
}

export type TableNode = TableCriterion | TableGroup;

/** An alternative that fails a gate is shown and never wins. */
export type TableGate =
  /** The whole range of the criterion's figure must keep the limit; where there is no figure the gate fails. */
  | {
      readonly kind: 'limit';
      readonly id: string;
      readonly title: string;
      readonly criterion: string;
      readonly atLeast: number | null;
      readonly atMost: number | null;
    }
  /** Alternative id to why it fails; the others pass. */
  | {
      readonly kind: 'stated';
      readonly id: string;
      readonly title: string;
      readonly fails: Readonly<Record<string, string>>;
    };

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

export interface TableProfile {
  readonly id: string;
  readonly title: string;
  /** Of the top of the tree. */
  readonly weights: Weighting;
  /** Group id to the weights of its members. Every group has one. */
  readonly within: Readonly<Record<string, Weighting>>;
}

export interface DecisionTable {
  readonly title: string;
  readonly seed: number;
  readonly samples: number;
  readonly alternatives: readonly { readonly id: string; readonly title: string }[];
  readonly criteria: readonly TableNode[];
  readonly gates: readonly TableGate[];
  readonly profiles: readonly TableProfile[];
}

/** Where an end of a value function comes from. */
export interface ScaleEnd {
  readonly at: number;
  readonly from: 'stated' | 'data';
}

export interface TableCriterionOutcome extends CriterionOutcome {
  /** Ids of the groups above it, outermost first. */
  readonly group: readonly string[];
  /** Null for a criterion without any figure and any stated end, and for piecewise values, whose points say it. */
  readonly worst: ScaleEnd | null;
  readonly best: ScaleEnd | null;
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

export interface TableProfileOutcome extends ProfileOutcome {
  /** Nominal weights of the criteria, groups multiplied in. */
  readonly weights: readonly CriterionWeight[];
  readonly consistency: readonly PairwiseConsistency[];
  /** Shares of first ranks without sampling; null but for two criteria of exact figures whose weights are unknown. */
  readonly exactOdds: readonly { readonly alternative: string; readonly share: number }[] | null;
}

export interface TableAnalysis extends Pick<
  Decision,
  'samples' | 'seed' | 'rule' | 'gates' | 'dominance' | 'dataWeights'
> {
  readonly title: string;
  readonly criteria: readonly TableCriterionOutcome[];
  readonly profiles: readonly TableProfileOutcome[];
}
