import { checkProbability, clamp } from './clamp.js';

/**
 * Inverse of the triangular distribution between `low` and `high` with its mode at `likely`: the x below which the share `u` lies.
 *
 * `likely` may equal either end, and all three may be equal; then it is that number for every `u`.
 * Source: inverse of F(x) = (x − low)² / ((high − low)(likely − low)) below the mode, and its mirror image above.
 *
 * @throws RangeError unless low ≤ likely ≤ high, all finite, and 0 ≤ u ≤ 1.
 */
export function triangular(u: number, low: number, likely: number, high: number): number {
  checkProbability(u);
  if (!(low <= likely && likely <= high) || !Number.isFinite(high - low)) {
    throw new RangeError(`A triangle needs low ≤ likely ≤ high, not ${low}, ${likely}, ${high}`);
  }
  if (low === high) return low;
  const width = high - low;
  const mode = (likely - low) / width;
  const x = u < mode ? low + width * Math.sqrt(u * mode) : high - width * Math.sqrt((1 - u) * (1 - mode));
  return clamp(x, low, high);
}
