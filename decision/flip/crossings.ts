import type { FlipAxis, FlipCrossing, FlipPoint } from '../../contracts/flip.js';
import { shareOf } from '../../sampling/index.js';

/** Neighbouring points in ascending order, without those of failed runs, and whether one of these lies between. */
export function neighbours(
  points: readonly FlipPoint[],
): readonly { readonly left: FlipPoint; readonly right: FlipPoint; readonly broken: boolean }[] {
  const pairs: { left: FlipPoint; right: FlipPoint; broken: boolean }[] = [];
  let left: FlipPoint | null = null;
  let broken = false;
  for (const point of points) {
    if (point.failure !== null) {
      broken = true;
      continue;
    }
    if (left !== null) pairs.push({ left, right: point, broken });
    left = point;
    broken = false;
  }
  return pairs;
}

/** Whether the same alternatives are preferred at both points. */
export function agree(a: FlipPoint, b: FlipPoint): boolean {
  return a.preferred.join('\n') === b.preferred.join('\n');
}

/**
 * Where the preference changes, in ascending order. A tie that was met at one value only is the place where two alternatives cross, and no
 * state of its own: what is before and after it makes one crossing, or none where they are the same.
 */
export function crossingsOf(axis: FlipAxis, points: readonly FlipPoint[], resolution: number): readonly FlipCrossing[] {
  const changes = neighbours(points).filter(({ left, right }) => !agree(left, right));
  const crossings: FlipCrossing[] = [];
  for (let at = 0; at < changes.length; at++) {
    const { left, right } = changes[at];
    const next = changes[at + 1];
    const touches = next !== undefined && next.left === right && right.preferred.length > 1;
    const end = touches ? next.right : right;
    if (touches && widthOf(axis, left.at, end.at) <= 2 * resolution) {
      if (!agree(left, end)) crossings.push(crossing(axis, left, end, 2 * resolution));
      at++;
    } else crossings.push(crossing(axis, left, right, resolution));
  }
  return crossings;
}

/** Width of an interval as a share of the axis. */
export function widthOf(axis: FlipAxis, low: number, high: number): number {
  return shareOf(axis, high) - shareOf(axis, low);
}

function crossing(axis: FlipAxis, left: FlipPoint, right: FlipPoint, resolution: number): FlipCrossing {
  const narrow = widthOf(axis, left.at, right.at) <= resolution;
  return { low: left.at, high: right.at, before: left.preferred, after: right.preferred, narrow };
}
