import { join } from 'node:path';
import { Piscina } from 'piscina';
import type { RunResult } from '../contracts/run.js';
import { packageRoot } from '../input/package-root.js';
import type { RunTask } from './run-task.js';

/** Workers of the built program. */
export interface Pool {
  /** Runs the tasks; each result is handed over as it is there. */
  readonly run: (tasks: readonly RunTask[], onResult: (result: RunResult) => void) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const openPool = (threads: number): Pool => {
  const pool = new Piscina({
    filename: join(packageRoot(), 'dist', 'runner', 'worker.js'),
    minThreads: threads,
    maxThreads: threads,
  });
  return {
    run: async (tasks, onResult) => {
      await Promise.all(tasks.map(async (task) => onResult((await pool.run(task)) as RunResult)));
    },
    close: () => pool.destroy(),
  };
};
