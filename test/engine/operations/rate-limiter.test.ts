import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../../engine/operations/rate-limiter.js';

const BURST_BYTES = 100 * 1024;

/** Time that so many bytes take when they are always ready. */
const timeOf = (limiter: RateLimiter, bytes: number, writeBytes = 4096): number => {
  let nowNs = 0;
  for (let written = 0; written < bytes; written += writeBytes) nowNs = limiter.whenAllowed(writeBytes, nowNs);
  return nowNs;
};

describe('the rate limiter of 2006 (MIG-07)', () => {
  it('lets 100 Mbit/s of 2^20 bits through at first, from the first burst on', () => {
    const bytes = 25 * 2 ** 20;
    const expectedNs = ((bytes - BURST_BYTES) * 8e9) / (100 * 2 ** 20);
    expect(Math.abs(timeOf(new RateLimiter(), bytes) / expectedNs - 1)).toBeLessThan(0.005);
  });

  it('waits for nothing while it is given less than the rate', () => {
    const limiter = new RateLimiter();
    for (let nowNs = 0; nowNs < 1e9; nowNs += 1e6) expect(limiter.whenAllowed(4096, nowNs)).toBe(nowNs);
  });

  it('goes 50 above a dirty rate that is higher than its own, to 500 at most, and never back', () => {
    const limiter = new RateLimiter();
    const rates: number[] = [];
    for (const megabits of [90, 100, 130, 175, 181, 60, 470]) {
      limiter.adapt((megabits * 1e6) / 8, 1e9);
      rates.push(limiter.megabitsPerSecond);
    }
    expect(rates).toEqual([100, 100, 180, 180, 231, 231, 500]);
    expect(limiter.isAtMost).toBe(true);
  });
});
