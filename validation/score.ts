import type { Figure } from './case.js';
import type { Tolerance } from './tolerances.js';

export type Status = 'exact' | 'within' | 'off' | 'not-modelled';

/** How a figure that was stated compares with the recorded one. Texts are equal or off. */
export const score = (expected: Figure, actual: Figure, tolerance: Tolerance | null): Status => {
  if (actual === expected) return 'exact';
  if (typeof actual !== 'number' || typeof expected !== 'number' || tolerance === null) return 'off';
  const allowed = Math.max(tolerance.relative * Math.abs(expected), tolerance.absolute);
  return Math.abs(actual - expected) <= allowed ? 'within' : 'off';
};
