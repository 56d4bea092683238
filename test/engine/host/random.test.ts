import { describe, expect, it } from 'vitest';
import { RandomStream, randomStream } from '../../../engine/host/random.js';

/** xoshiro128** in unbounded integers, as its authors state it. */
const slowXoshiro = (state: bigint[]): bigint => {
  const mask = 0xffff_ffffn;
  const rotate = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (32n - by))) & mask;
  const result = (rotate((state[1] * 5n) & mask, 7n) * 9n) & mask;
  const shifted = (state[1] << 9n) & mask;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotate(state[3], 11n);
  return result;
};

describe('a random stream', () => {
  it('is xoshiro128**: equal to it in unbounded integers, from the same state', () => {
    const state = [1n, 2n, 3n, 4n];
    const stream = new RandomStream([1, 2, 3, 4]);
    for (let draw = 0; draw < 1000; draw += 1) expect(stream.uint32()).toBe(Number(slowXoshiro(state)));
  });

  it('depends on the seed and its own name alone', () => {
    const first = (seed: string, name: string): number => randomStream(seed, name).uint32();
    expect(new Set([first('1', 'a'), first('1', 'b'), first('2', 'a')]).size).toBe(3);
  });

  it('is uniform below a bound: 16 cells of 64000 draws, chi-square under its 99.9 % point for 15 degrees', () => {
    const stream = randomStream('seed', 'cells');
    const cells = Array.from({ length: 16 }, () => 0);
    for (let draw = 0; draw < 64_000; draw += 1) cells[stream.below(16)] += 1;
    const chiSquare = cells.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0);
    expect(chiSquare).toBeLessThan(37.7);
  });
});
