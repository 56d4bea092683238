/** Value functions: from a figure to its value, 0 (worst) to 1 (best). Types only. */

/** Straight lines between points, in ascending order of `at`; outside them the nearest point's value. */
export type ValueFunction = readonly { readonly at: number; readonly value: number }[];

/** Beyond an end the end's value holds. */
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

/** Where an end of a value function comes from. */
export interface ScaleEnd {
  readonly at: number;
  readonly from: 'stated' | 'data';
}
