import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** Mbit/s that the limiter starts at, ends at, and adds to the dirty rate (MIG-07). */
const FIRST = 100;
const MOST = 500;
const ABOVE_DIRTY_RATE = 50;

const BURST_BYTES = 100 * 1024;
/** Time of a burst at 1 Mbit/s, where a Mbit is 2^20 bits. */
const BURST_NS = 781_250_000;

/**
 * The adaptive rate limiter of Xen's tool of 2006 (xc_linux_save.c, compiled out by default): bursts of 100 KiB, at first
 * 100 Mbit/s, and after a round in which the guest wrote faster than that its dirty rate and 50 more, 500 at most.
 */
export class RateLimiter implements Checkpointed {
  #megabits = FIRST;
  #budget = 0;
  #lastBurstNs: number | null = null;

  /** Mbit/s that it lets through now. */
  get megabitsPerSecond(): number {
    return this.#megabits;
  }

  get isAtMost(): boolean {
    return this.#megabits === MOST;
  }

  /** When bytes that are ready at a moment may be written. */
  whenAllowed(bytes: number, readyNs: number): number {
    this.#budget -= bytes;
    if (this.#budget >= 0) return readyNs;
    if (this.#lastBurstNs === null) {
      this.#budget += BURST_BYTES;
      this.#lastBurstNs = readyNs;
    }
    const burstNs = BURST_NS / this.#megabits;
    let nowNs = readyNs;
    while (this.#budget < 0) {
      nowNs = Math.max(nowNs, this.#lastBurstNs + burstNs);
      const bursts = Math.floor((nowNs - this.#lastBurstNs) / burstNs);
      this.#budget += bursts * BURST_BYTES;
      this.#lastBurstNs += bursts * burstNs;
    }
    return nowNs;
  }

  /** The guest wrote so many bytes' worth of pages in the round that is over, which took so long. */
  adapt(dirtyBytes: number, roundNs: number): void {
    const dirtyRate = Math.floor((dirtyBytes * 8 * 1e3) / Math.max(roundNs, 1e6));
    if (dirtyRate > this.#megabits) this.#megabits = Math.min(MOST, dirtyRate + ABOVE_DIRTY_RATE);
  }

  checkpoint(archive: Archive): void {
    this.#megabits = archive.value('megabits', this.#megabits);
    this.#budget = archive.value('budget', this.#budget);
    this.#lastBurstNs = archive.value('lastBurstNs', this.#lastBurstNs);
  }
}
