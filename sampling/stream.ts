import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { mersenne } from 'pure-rand/generator/mersenne';
import { fnv1a } from './hash.js';

const separator = '\u001f';

/** Random numbers that depend on nothing but the seed and the name they were asked for by. */
export interface RandomStream {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  readonly uniform: () => number;
  /** A whole number in 0 … bound − 1, each equally likely. */
  readonly below: (bound: number) => number;
}

/**
 * Joins ids to the name of a stream. Two different lists of ids never have the same name.
 * @throws RangeError for an id with the separator (U+001F) in it.
 */
export function streamName(...ids: readonly string[]): string {
  for (const id of ids) {
    if (id.includes(separator)) throw new RangeError(`An id of a random stream contains U+001F: ${JSON.stringify(id)}`);
  }
  return ids.join(separator);
}

/**
 * The stream of a name: a Mersenne Twister seeded with the hash of seed and name, so that a new stream shifts no other one.
 * @throws RangeError for a seed that is not a safe integer.
 */
export function randomStream(seed: number, name: string): RandomStream {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed is a whole number, not ${seed}`);
  const generator = mersenne(fnv1a(`${seed}${separator}${name}`));
  return {
    uniform: () => uniformFloat64(generator),
    below: (bound) => uniformInt(generator, 0, bound - 1),
  };
}
