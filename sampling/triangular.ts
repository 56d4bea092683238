import { checkProbability, clamp } from './clamp.js';

/**
 * Inverse of the triangular distribution between `low` and `high` with its mode at `likely`, for every point: the x below which the share u lies.
 *
 * `likely` may equal either end, and all three may be equal; then it is that number for every point.
 * Source: inverse of F(x) = (x − low)² / ((high − low)(likely − low)) below the mode, and its mirror image above.
 *
 * @throws RangeError unless low ≤ likely ≤ high, all finite, and every point lies in 0 to 1.
 */
export function triangular(points: Float64Array, low: number, likely: number, high: number): Float64Array {
  if (!(low <= likely && likely <= high) || !Number.isFinite(high - low)) {
    throw new RangeError(`A triangle needs low ≤ likely ≤ high, not ${low}, ${likely}, ${high}`);
  }
  const width = high - low;
  const mode = low === high ? 0 : (likely - low) / width;
  const figures = new Float64Array(points.length);
  for (let index = 0; index < points.length; index += 1) {
    const u = points[index];
    checkProbability(u);
    const x = u < mode ? low + width * Math.sqrt(u * mode) : high - width * Math.sqrt((1 - u) * (1 - mode));
    figures[index] = clamp(x, low, high);
  }
  return figures;
}
