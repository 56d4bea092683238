import type { FlipAxis, FlipPoint } from '../../contracts/flip.js';
import type { ParameterInformation } from '../../contracts/flip.js';
import { widthOf } from '../flip/crossings.js';

/**
 * Expected value of knowing a workload's parameter exactly, all values in its range being equally likely on its scale: what the best alternative at each
 * value scores on average, less what the best on average does. Scores are straight lines between the values that were run, of which the upper envelope
 * is integrated exactly; all else is at the nominal point. Only alternatives that pass every gate at every value take part.
 *
 * The error is how far the estimate moves when every other value is left out. Null where fewer than two values were run.
 */
export const parameterInformation = (axis: FlipAxis, points: readonly FlipPoint[]): ParameterInformation | null => {
  const usable = points.filter(({ failure }) => failure === null);
  if (usable.length < 2) return null;
  const value = gainOver(axis, usable);
  const coarser = usable.filter((_, at) => at % 2 === 0 || at === usable.length - 1);
  return {
    value,
    error: Math.abs(value - gainOver(axis, coarser)),
    estimator: `straight lines between ${usable.length} values, all in the range equally likely`,
  };
};

const gainOver = (axis: FlipAxis, points: readonly FlipPoint[]): number => {
  const ids = points[0].eligible.filter((id) => points.every(({ eligible }) => eligible.includes(id)));
  const means = new Map(ids.map((id) => [id, 0]));
  let withInformation = 0;
  for (let at = 1; at < points.length; at += 1) {
    const [left, right] = [points[at - 1], points[at]];
    const width = widthOf(axis, left.at, right.at);
    for (const id of ids) means.set(id, means.get(id)! + (width * (left.scores[id] + right.scores[id])) / 2);
    const lines = ids.map((id) => [left.scores[id], right.scores[id]] as const);
    withInformation += width * envelopeArea(lines);
  }
  if (ids.length === 0) return 0;
  const whole = widthOf(axis, points[0].at, points[points.length - 1].at);
  return Math.max(0, (withInformation - Math.max(...means.values())) / whole);
};

/** Area under the upper envelope of lines from 0 to 1, each given by its ends. */
const envelopeArea = (lines: readonly (readonly [number, number])[]): number => {
  const best = (at: number): number => Math.max(...lines.map(([left, right]) => left + at * (right - left)));
  const cuts = new Set([0, 1]);
  for (const [index, [left, right]] of lines.entries()) {
    for (const [otherLeft, otherRight] of lines.slice(0, index)) {
      const at = (otherLeft - left) / (right - left - (otherRight - otherLeft));
      if (at > 0 && at < 1) cuts.add(at);
    }
  }
  const sorted = [...cuts].toSorted((a, b) => a - b);
  return sorted.slice(1).reduce((sum, to, at) => sum + ((to - sorted[at]) * (best(sorted[at]) + best(to))) / 2, 0);
};
