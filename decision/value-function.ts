import type { ValueFunction } from '../contracts/value-shape.js';
import type { Direction } from './methods/normalisation.js';

/**
 * The value of a figure: straight lines between the points, and the nearest point's value outside them.
 * `points` are in ascending order of `at`, at least one of them.
 * @throws RangeError for a figure that is not a number.
 */
export function valueOf(points: ValueFunction, figure: number): number {
  if (Number.isNaN(figure)) throw new RangeError('A figure that is not a number has no value');
  const first = points[0];
  if (figure <= first.at) return first.value;
  for (let i = 1; i < points.length; i++) {
    const right = points[i];
    if (figure > right.at) continue;
    if (figure === right.at) return right.value;
    const left = points[i - 1];
    const share = (figure - left.at) / (right.at - left.at);
    return left.value * (1 - share) + right.value * share;
  }
  return points[points.length - 1].value;
}

/** Whether more is better: `higher` or `lower` where the value never falls or never rises (constant: `higher`), null where it does both. */
export function directionOf(points: ValueFunction): Direction | null {
  const steps = points.slice(1).map(({ value }, i) => value - points[i].value);
  if (steps.every((step) => step >= 0)) return 'higher';
  return steps.every((step) => step <= 0) ? 'lower' : null;
}
