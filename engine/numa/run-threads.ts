import type { ContentionModel, ThreadDemand } from './contention.js';

/** A thread with so many accesses to make. */
export interface ThreadWork extends ThreadDemand {
  readonly accesses: number;
}

export interface ThreadRun {
  /** When each thread is done, in nanoseconds from the start. */
  readonly doneNs: readonly number[];
  /** The same of the last one. */
  readonly allDoneNs: number;
}

/** Lets threads run until each has made its accesses: whenever one is done the others share what it leaves. */
export const runThreads = (model: ContentionModel, threads: readonly ThreadWork[]): ThreadRun => {
  const left = threads.map(({ accesses }) => accesses);
  const doneNs = threads.map(() => 0);
  let nowNs = 0;
  for (;;) {
    const running = [...left.keys()].filter((thread) => left[thread] > 0);
    if (running.length === 0) return { doneNs, allDoneNs: nowNs };
    const { nsAnAccess } = model.solve(running.map((thread) => threads[thread]));
    const stepNs = Math.min(...running.map((thread, index) => left[thread] * nsAnAccess[index]));
    nowNs += stepNs;
    running.forEach((thread, index) => {
      const ownNs = left[thread] * nsAnAccess[index];
      // What would end with the first one but for rounding ends with it.
      left[thread] = ownNs <= stepNs * (1 + 1e-9) ? 0 : left[thread] - stepNs / nsAnAccess[index];
      if (left[thread] === 0) doneNs[thread] = nowNs;
    });
  }
};
