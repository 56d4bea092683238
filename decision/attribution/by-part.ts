import type { LedgerRow } from '../../contracts/run.js';

/** The phase of a ledger until the workload enters one. */
const settingUp = 'start';

/** A part of a sum under two alternatives. */
export interface Difference {
  readonly part: string;
  readonly baseline: number;
  readonly alternative: number;
  readonly difference: number;
}

/**
 * Nanoseconds of a domain by mechanism, each a whole number so that sums are exact. What came before the first phase that the workload
 * entered (building its domains) is left out, unless it entered none.
 */
export function timeByMechanism(ledger: readonly LedgerRow[], domain: string): ReadonlyMap<string, number> {
  const own = ledger.filter((row) => row.domain === domain);
  const measured = own.filter((row) => row.phase !== settingUp);
  const sums = new Map<string, number>();
  for (const row of measured.length ? measured : own)
    sums.set(row.mechanism, (sums.get(row.mechanism) ?? 0) + row.nanoseconds);
  return new Map([...sums].map(([mechanism, nanoseconds]) => [mechanism, Math.round(nanoseconds)]));
}

/**
 * What each part adds or saves, largest first. The differences sum to the difference of the totals: exactly where the parts are whole
 * numbers, else to rounding.
 */
export function differences(
  baseline: ReadonlyMap<string, number>,
  alternative: ReadonlyMap<string, number>,
): readonly Difference[] {
  return [...new Set([...baseline.keys(), ...alternative.keys()])]
    .map((part) => {
      const [before, after] = [baseline.get(part) ?? 0, alternative.get(part) ?? 0];
      return { part, baseline: before, alternative: after, difference: after - before };
    })
    .toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference) || (a.part < b.part ? -1 : 1));
}

/** The sum of all parts. */
export function totalOf(parts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const value of parts.values()) sum += value;
  return sum;
}
