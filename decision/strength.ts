import type { Decision, Strength } from '../contracts/decision.js';

/**
 * At 0.65 the first is nearly twice as likely as all others together, which is worth saying and not worth relying on; at 0.9 it is
 * nine times as likely, and a reader who follows it errs in one sample of ten. Both were set before any study was run.
 */
export const strengthRule: Decision['rule'] = { clear: 0.9, leaning: 0.65 };

/** How firmly a verdict is put: by its odds alone, a bound included. Without a winner it is open. */
export function strengthOf(odds: number): Strength {
  if (odds >= strengthRule.clear) return 'clear';
  return odds >= strengthRule.leaning ? 'leaning' : 'open';
}

const z = 1.959963984540054;

/**
 * Half-width of the 95 % interval of a share that was counted in `samples` independent samples.
 * Source: Wilson, Journal of the American Statistical Association 22, 1927. Unlike the normal interval it is not zero for a share of
 * 0 or 1. Latin hypercube samples scatter less than independent ones, so it errs on the wide side.
 */
export function shareError(share: number, samples: number): number {
  const z2 = z * z;
  return (z / (1 + z2 / samples)) * Math.sqrt((share * (1 - share)) / samples + z2 / (4 * samples * samples));
}
