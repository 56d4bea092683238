/** What the decision analysis says of a study and its runs. Types only. */

import type {
  CriterionWeight,
  DataWeights,
  DominanceOutcome,
  ProfileAnalysis,
  UncertainInput,
} from './decision-analysis.js';
import type { ScaleEnd } from './value-shape.js';
import type { PairwiseConsistency } from './weighting.js';

/** Quantiles over the samples, and the nominal point (draw 0, likely judgements, weights as given). */
export interface Spread {
  readonly nominal: number;
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

export type CellStatus =
  | 'measured'
  | 'judged'
  /** A capability that holds. */
  | 'holds'
  /** The model refused: value 0, and there is no raw figure. */
  | 'refused'
  /** The run failed, or did not state the metric: value 0, and the page says so. */
  | 'missing';

/** One criterion under one alternative. */
export interface Cell {
  readonly alternative: string;
  readonly status: CellStatus;
  /** In the criterion's unit; null where there is none. */
  readonly raw: Spread | null;
  /** 0 (worst) to 1 (best). */
  readonly value: Spread;
}

export interface CriterionOutcome {
  readonly criterion: string;
  readonly cells: readonly Cell[];
  /** Every alternative has the same value in every sample, so that it cannot matter. */
  readonly constant: boolean;
  /** Ends of its value function. Null for a capability, for piecewise values, whose points say it, and without any figure and stated end. */
  readonly worst: ScaleEnd | null;
  readonly best: ScaleEnd | null;
}

export interface GateOutcome {
  readonly gate: string;
  readonly alternative: string;
  readonly passed: boolean;
  /** What refused it; empty when it passed. */
  readonly reasons: readonly string[];
}

export type Strength = 'clear' | 'leaning' | 'open';

export interface ProfileOutcome {
  readonly profile: string;
  /** The alternative most often first among those that pass every gate; null when none passes. Shared firsts are split evenly. */
  readonly winner: string | null;
  /** Others that are first just as often as the winner, in alphabetical order. */
  readonly tiedWith: readonly string[];
  /** Share of samples in which the winner is first. */
  readonly odds: number;
  /** Half-width of the 95 % interval of `odds` from the number of samples alone. */
  readonly oddsError: number;
  readonly strength: Strength;
  readonly alternatives: readonly {
    readonly alternative: string;
    readonly eligible: boolean;
    /** Additive value, 0 to 1. */
    readonly score: Spread;
    /** Share of samples at rank 1, 2, …; null for an alternative that fails a gate. */
    readonly ranks: readonly number[] | null;
  }[];
  /** Mean contribution of each criterion to each alternative's score at the nominal point: weight × value. */
  readonly contributions: readonly {
    readonly alternative: string;
    readonly criterion: string;
    readonly value: number;
  }[];
  /** Nominal weights of the criteria, groups multiplied in. */
  readonly weights: readonly CriterionWeight[];
  /** Shares of first ranks without sampling; null but for two criteria of exact figures of whose weights no more than the order is known. */
  readonly exactOdds: readonly { readonly alternative: string; readonly share: number }[] | null;
  /** Of the groups that are weighed by pairwise comparison. */
  readonly consistency: readonly PairwiseConsistency[];
  /** Null when no alternative passes every gate. */
  readonly analysis: ProfileAnalysis | null;
}

export interface Decision {
  readonly study: string;
  readonly samples: number;
  readonly seed: number;
  /** Odds from which a verdict is called clear, and leaning; below it is open. */
  readonly rule: { readonly clear: number; readonly leaning: number };
  readonly criteria: readonly CriterionOutcome[];
  readonly gates: readonly GateOutcome[];
  /** Every uncertain input that an analysis names, once. */
  readonly inputs: readonly UncertainInput[];
  /** Of the alternatives that pass every gate; it does not depend on weights. */
  readonly dominance: readonly DominanceOutcome[];
  /** Of the nominal values of the alternatives that pass every gate; null when none does. */
  readonly dataWeights: DataWeights | null;
  readonly profiles: readonly ProfileOutcome[];
}
