import { checkProbability, clamp } from './clamp.js';

/**
 * Inverse of the split log-uniform distribution: half of all draws lie between `low` and `value`, half between `value` and `high`, and
 * on either side equal ratios are equally likely. `value` is the median. For costs that are known to a factor.
 *
 * An end may equal `value`; then that half of the draws is `value` itself. Three zeros give zero: a cost that is known to be none.
 *
 * @throws RangeError unless low ≤ value ≤ high and 0 ≤ u ≤ 1; and for a zero or negative number beside a positive one, since no ratio
 * leads there.
 */
export function splitLogUniform(u: number, low: number, value: number, high: number): number {
  checkProbability(u);
  if (!(low <= value && value <= high) || !Number.isFinite(high)) {
    throw new RangeError(`A cost needs low ≤ value ≤ high, not ${low}, ${value}, ${high}`);
  }
  if (low === 0 && high === 0) return 0;
  if (low <= 0) throw new RangeError(`A log-uniform range starts above zero, not at ${low}`);
  return u < 0.5
    ? clamp(low * (value / low) ** (2 * u), low, value)
    : clamp(value * (high / value) ** (2 * u - 1), value, high);
}
