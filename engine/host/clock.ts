import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** Something that goes on by itself while other things happen, e.g. a guest's program. */
export interface Runnable {
  /** Goes on until the virtual time `untilNs`. */
  runUntil(untilNs: number): void;
}

/**
 * Virtual time in nanoseconds. What runs is brought up to a moment before anything else is done at that moment, in the
 * order in which it was started.
 */
export class VirtualClock implements Checkpointed {
  #nowNs = 0;
  readonly #running = new Set<Runnable>();

  get nowNs(): number {
    return this.#nowNs;
  }

  start(runnable: Runnable): void {
    this.#running.add(runnable);
  }

  stop(runnable: Runnable): void {
    this.#running.delete(runnable);
  }

  /** Advances to `ns`; a moment already past is no error, since stages of a pipeline overlap. */
  advanceTo(ns: number): void {
    if (ns <= this.#nowNs) return;
    this.#nowNs = ns;
    for (const runnable of this.#running) runnable.runUntil(ns);
  }

  checkpoint(archive: Archive): void {
    this.#nowNs = archive.value('nowNs', this.#nowNs);
    const running = archive.tracked('running', [...this.#running]);
    this.#running.clear();
    for (const runnable of running) this.#running.add(runnable);
  }
}
