import type { UncertainInput } from '../../contracts/decision-analysis.js';
import type { SampledProblem } from '../acceptability/smaa.js';
import type { Direction, Matrix, NotDefined } from '../methods/normalisation.js';

/**
 * One profile's question on plain arrays, which a study and a table alike become. Only alternatives that may win are in it, at least one.
 * Alternatives and criteria stand in alphabetical order of their ids, so that no order of theirs can matter.
 */
export interface Problem {
  readonly alternatives: readonly string[];
  readonly criteria: readonly string[];
  /** Nominal values, 0 to 1, a row an alternative. */
  readonly values: Matrix;
  /** Nominal weights; they sum to 1. */
  readonly weights: readonly number[];
  /** Nominal figures in the criteria's own units, for methods that make them comparable themselves. */
  readonly figures: Figures | NotDefined;
  readonly sampled: SampledProblem;
  readonly inputs: readonly SampledInput[];
  readonly draws: CostDraws | null;
}

export interface Figures {
  readonly matrix: Matrix;
  readonly directions: readonly Direction[];
}

/** An uncertain input that is drawn on its own. */
export interface SampledInput {
  readonly input: UncertainInput;
  /** In the order of the samples. */
  readonly samples: Float64Array;
  readonly effect: InputEffect;
}

/** What an input at either end does to the nominal problem. */
export type InputEffect =
  | {
      readonly on: 'value';
      readonly alternative: number;
      readonly criterion: number;
      readonly atLow: number;
      readonly atHigh: number;
    }
  /** The other weights keep their proportions. */
  | { readonly on: 'weight'; readonly criterion: number };

/** Costs that were drawn together, a draw being a run of the engine. */
export interface CostDraws {
  /** The place of each sample's draw in `values` and `factors`. */
  readonly ofSample: ArrayLike<number>;
  /** Values with the costs of each draw and all else nominal; the draws that samples use, without draw 0 where there are others. */
  readonly values: readonly Matrix[];
  /** The uncertain costs, each with its factor in each of those draws. */
  readonly costs: readonly { readonly input: UncertainInput; readonly factors: readonly number[] }[];
  /** The input that stands for all of them. */
  readonly together: UncertainInput;
}
