/** Two result sets of one study, and why their winners differ or do not: `comparison.json`. Types only. */
import type { Strength } from './decision.js';

/** What a result set, or a mixture of two, says of one profile. */
export interface ComparedVerdict {
  /** Null when no alternative passes every gate. */
  readonly winner: string | null;
  readonly odds: number;
  readonly oddsError: number;
  readonly strength: Strength;
}

export type DifferenceKind =
  | 'weights'
  | 'value function'
  | 'judgement'
  | 'gates'
  | 'profile'
  | 'seed'
  | 'samples'
  | 'runs';

/** Something that the two sets do not share, and what it does alone. */
export interface ResultDifference {
  /** Unique in the comparison, e.g. `weights user`. */
  readonly id: string;
  readonly kind: DifferenceKind;
  /** The profile, criterion or workload that it is of; empty where it is of the whole study. */
  readonly subject: string;
  /** What it was and what it is, a line each. */
  readonly details: readonly string[];
  /** The first set with this alone taken from the second. */
  readonly alone: ComparedVerdict;
  /** The second set with this alone taken from the first. */
  readonly without: ComparedVerdict;
  /** Alone it makes the second set's winner of the first. */
  readonly suffices: boolean;
  /** Without it the second set does not have its winner. */
  readonly needed: boolean;
}

export interface Comparison {
  readonly format: 'physmap comparison 1';
  readonly study: string;
  readonly profile: string;
  readonly before: ComparedVerdict;
  readonly after: ComparedVerdict;
  readonly changed: boolean;
  /** Nothing differs that a decision depends on. */
  readonly identical: boolean;
  readonly differences: readonly ResultDifference[];
  /** Ids of the differences that made the winner change; empty when it did not. */
  readonly because: readonly string[];
  /** Each of `because` alone does it, or only all of them together. */
  readonly together: boolean;
  /** Every profile that both sets have. */
  readonly profiles: readonly {
    readonly profile: string;
    readonly before: ComparedVerdict;
    readonly after: ComparedVerdict;
    readonly changed: boolean;
  }[];
}
