import { randomStream } from './stream.js';

const LARGEST_BELOW_ONE = 1 - 2 ** -53;

/** Smallest digit weight that a double in [0, 1) can tell. */
const RESOLUTION = 2 ** -53;

/**
 * One dimension of a scrambled Halton sequence: `n` numbers in [0, 1), each digit of the radical inverse in the base permuted at random, every
 * digit place by a permutation of its own. A dimension depends on the seed, its name, its base and `n` alone.
 * Source: Owen, *A randomized Halton algorithm in R*, arXiv:1706.02808, 2017.
 *
 * @throws RangeError for a base that is no prime of the list.
 */
export const haltonDimension = (seed: number, name: string, base: number, n: number): Float64Array => {
  if (!PRIMES.includes(base))
    throw new RangeError(`The base of a Halton dimension is one of the first primes, not ${base}`);
  const random = randomStream(seed, name);
  const points = new Float64Array(n);
  let weight = 1 / base;
  for (let period = 1; period < n; period *= base) {
    const permutation = permutationOf(base, random.below);
    for (let index = 0, digit = 0; index < n; digit = digit + 1 === base ? 0 : digit + 1) {
      const end = Math.min(index + period, n);
      const term = permutation[digit] * weight;
      for (; index < end; index += 1) points[index] += term;
    }
    weight /= base;
  }
  // Every further digit is 0 in all points, and becomes the same one in all.
  let shift = 0;
  for (; weight > RESOLUTION; weight /= base) shift += random.below(base) * weight;
  for (let index = 0; index < n; index += 1) points[index] = Math.min(points[index] + shift, LARGEST_BELOW_ONE);
  return points;
};

const permutationOf = (size: number, below: (bound: number) => number): Uint16Array => {
  const permutation = Uint16Array.from({ length: size }, (_, index) => index);
  for (let index = size - 1; index > 0; index -= 1) {
    const other = below(index + 1);
    [permutation[index], permutation[other]] = [permutation[other], permutation[index]];
  }
  return permutation;
};

const primesBelow = (limit: number): readonly number[] => {
  const composite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let number = 2; number < limit; number += 1) {
    if (composite[number] === 1) continue;
    primes.push(number);
    for (let multiple = number * number; multiple < limit; multiple += number) composite[multiple] = 1;
  }
  return primes;
};

/** Bases of the dimensions, smallest first: 303 of them. */
export const PRIMES = primesBelow(2000);
