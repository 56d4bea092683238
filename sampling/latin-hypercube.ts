import { randomStream } from './stream.js';

const largestBelowOne = 1 - 2 ** -53;

/**
 * One dimension of a Latin hypercube: `n` numbers in [0, 1), one in each of the `n` equal strata, in random order.
 *
 * A dimension depends on the seed, its name and `n` alone, so that one more dimension leaves the others as they were.
 * Source: McKay, Beckman and Conover, Technometrics 21(2), 1979.
 *
 * @throws RangeError when `n` is no whole number of at least 0.
 */
export function latinHypercube(seed: number, name: string, n: number): Float64Array {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError(`A Latin hypercube has a whole number of points, not ${n}`);
  const random = randomStream(seed, name);
  const column = new Float64Array(n);
  for (let i = 0; i < n; i++) column[i] = i;
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const stratum = column[i];
    column[i] = column[j]!;
    column[j] = stratum;
  }
  for (let i = 0; i < n; i++) column[i] = Math.min((column[i] + random.uniform()) / n, largestBelowOne);
  return column;
}
