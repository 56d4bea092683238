import type { ScaleEnd, ValueShape } from '../contracts/value-shape.js';
import type { Direction } from './methods/normalisation.js';
import { directionOf, valueOf } from './value-function.js';

/** A criterion's value function, and where its ends come from. */
export interface Scale {
  readonly valueOf: (figure: number) => number;
  readonly worst: ScaleEnd | null;
  readonly best: ScaleEnd | null;
  /** Null where more is neither better nor worse throughout. */
  readonly direction: Direction | null;
}

/** The least and the greatest figure that an alternative may have. */
export interface Extent {
  readonly low: number;
  readonly high: number;
}

/** Whether an end of the value function depends on the figures. */
export const needsFigures = (value: ValueShape): boolean =>
  value.kind === 'linear' && (value.worst === null || value.best === null);

/** The curvatures that are looked among: with a larger one the half lies within a five-hundredth of an end. */
const STEEPEST = 500;

/**
 * The scale of a criterion. An end that is not stated is the worst or best figure that any alternative may have, the ends of ranges included. Where
 * all figures are one, that has the value 0, as a constant column has under min-max; where the only end that is stated is the best and all figures
 * reach it, they have the value 1.
 */
export const scaleOf = (value: ValueShape, figures: readonly Extent[]): Scale => {
  if (value.kind === 'piecewise') {
    return {
      valueOf: (figure) => valueOf(value.points, figure),
      worst: null,
      best: null,
      direction: directionOf(value.points),
    };
  }
  const ends = endsOf(value, figures);
  if (ends === null) return { valueOf: () => 0, worst: null, best: null, direction: value.better };
  const { worst, best } = ends;
  const width = best.at - worst.at;
  if (width === 0 || width > 0 !== (value.better === 'higher')) {
    // Every figure is on one side of the one end that is stated, or all are one.
    return { valueOf: () => (best.from === 'stated' ? 1 : 0), worst, best, direction: value.better };
  }
  const curve = value.kind === 'exponential' ? curvatureOf((value.half - worst.at) / width) : 0;
  return {
    valueOf: (figure) => bend(Math.min(Math.max((figure - worst.at) / width, 0), 1), curve),
    worst,
    best,
    direction: value.better,
  };
};

const endsOf = (
  { better, worst, best }: Exclude<ValueShape, { kind: 'piecewise' }>,
  figures: readonly Extent[],
): { readonly worst: ScaleEnd; readonly best: ScaleEnd } | null => {
  const least = figures.reduce((end, { low }) => Math.min(end, low), Infinity);
  const most = figures.reduce((end, { high }) => Math.max(end, high), -Infinity);
  const end = (stated: number | null, fromData: number): ScaleEnd | null => {
    if (stated !== null) return { at: stated, from: 'stated' };
    return figures.length === 0 ? null : { at: fromData, from: 'data' };
  };
  const [worstOfData, bestOfData] = better === 'higher' ? [least, most] : [most, least];
  const ends = { worst: end(worst, worstOfData), best: end(best, bestOfData) };
  return ends.worst === null || ends.best === null ? null : { worst: ends.worst, best: ends.best };
};

/** (1 − e^(−cz)) / (1 − e^(−c)), which is z for c = 0. */
const bend = (z: number, curvature: number): number =>
  curvature === 0 ? z : Math.expm1(-curvature * z) / Math.expm1(-curvature);

/**
 * The curvature with which the share `half` of the way has the value one half, by bisection: the value there grows with the curvature.
 * Source: Kirkwood, *Strategic Decision Making*, 1997, for the form and for asking where the middle of the value lies.
 */
const curvatureOf = (half: number): number => {
  if (half === 0.5) return 0;
  let [low, high] = [-STEEPEST, STEEPEST];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (bend(half, middle) < 0.5) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
