import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** A stream of random numbers: xoshiro128** (Blackman and Vigna, 2018). */
export class RandomStream implements Checkpointed {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Four 32-bit words that are not all zero. */
  constructor(state: readonly [number, number, number, number]) {
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** An integer from 0 to 2^32 − 1. */
  uint32(): number {
    const b = this.#b;
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= b << 9;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** An integer from 0 to bound − 1, uniform but for a bias under bound / 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * bound);
  }

  checkpoint(archive: Archive): void {
    [this.#a, this.#b, this.#c, this.#d] = archive.numbers('state', [this.#a, this.#b, this.#c, this.#d]);
  }
}

/**
 * The stream of its own that a component has, by its id: the state comes by splitmix32 from a 32-bit FNV-1a hash of seed
 * and id, so that one stream more shifts no other.
 */
export const randomStream = (seed: string, id: string): RandomStream => {
  let hash = 0x811c9dc5;
  for (const code of new TextEncoder().encode(`${seed}/${id}`)) hash = Math.imul(hash ^ code, 0x01000193);
  const next = (): number => {
    hash = (hash + 0x9e3779b9) | 0;
    let mixed = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  return new RandomStream([next(), next(), next(), next() | 1]);
};
