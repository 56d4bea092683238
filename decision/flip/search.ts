import type { FlipAxis, FlipPoint, FlipSearch } from '../../contracts/flip.js';
import { gridOf, valueBetween } from '../../sampling/index.js';
import { parameterInformation } from '../information/parameter-information.js';
import { agree, crossingsOf, neighbours, widthOf } from './crossings.js';

/**
 * Gives the alternatives' standing at values of a parameter, in the order asked. Every value meets the same random numbers, so that two
 * standings differ by the parameter alone. Who runs what is not this folder's concern.
 */
export type FlipEvaluator = (axis: FlipAxis, values: readonly number[]) => Promise<readonly FlipPoint[]>;

export interface SearchLimits {
  /** Runs that may be spent. */
  readonly budget: number;
  /** Runs that one value costs. */
  readonly runsAPoint: number;
  /** Width, as a share of the axis, at which an interval is narrow enough. */
  readonly resolution: number;
  /** Parts of the axis that are looked at before intervals are halved; a power of two. */
  readonly parts: number;
}

/**
 * Finds where the preference changes along an axis: a grid first, coarse values before fine ones, then every interval whose ends differ is
 * halved, the widest first, until all are narrow or the budget is spent. A change back and forth between two values of the grid is missed.
 * @param known points that are there already and cost nothing; those outside the range are left aside.
 */
export async function searchFlips(
  axis: FlipAxis,
  evaluate: FlipEvaluator,
  limits: SearchLimits,
  known: readonly FlipPoint[] = [],
): Promise<FlipSearch> {
  const points = new Map<number, FlipPoint>();
  for (const point of known) if (point.at >= axis.low && point.at <= axis.high) points.set(point.at, point);
  let runs = 0;

  /** Evaluates as many as the budget allows; whether that was all of them. */
  const add = async (values: readonly number[]): Promise<boolean> => {
    const affordable = Math.floor((limits.budget - runs) / limits.runsAPoint);
    const taken = values.slice(0, Math.max(0, affordable));
    if (taken.length > 0) {
      runs += taken.length * limits.runsAPoint;
      for (const point of await evaluate(axis, taken)) points.set(point.at, point);
    }
    return taken.length === values.length;
  };

  let complete = await add(gridOf(axis, limits.parts).filter((value) => !points.has(value)));
  for (let wanted = nextValues(axis, inOrder(points), limits.resolution); complete && wanted.length > 0;) {
    complete = await add(wanted);
    wanted = nextValues(axis, inOrder(points), limits.resolution);
  }

  const ordered = inOrder(points);
  const usable = ordered.filter(({ failure }) => failure === null);
  const searched = usable.length === 0 ? null : { low: usable[0].at, high: usable[usable.length - 1].at };
  const crossings = crossingsOf(axis, ordered, limits.resolution);
  return {
    axis,
    points: ordered,
    crossings,
    searched,
    runs,
    information: parameterInformation(axis, ordered),
    complete,
  };
}

function inOrder(points: ReadonlyMap<number, FlipPoint>): readonly FlipPoint[] {
  return [...points.values()].toSorted((a, b) => a.at - b.at);
}

/** The middle of every interval that is to be halved, widest interval first. */
function nextValues(axis: FlipAxis, points: readonly FlipPoint[], resolution: number): readonly number[] {
  return neighbours(points)
    .filter(({ left, right, broken }) => !broken && !agree(left, right))
    .map(({ left, right }) => ({
      width: widthOf(axis, left.at, right.at),
      middle: valueBetween(axis, left.at, right.at),
    }))
    .filter(({ width }) => width > resolution)
    .toSorted((a, b) => b.width - a.width)
    .flatMap(({ middle }) => (middle === null ? [] : [middle]));
}
