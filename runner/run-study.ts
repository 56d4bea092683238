import type { RunManifest, RunResult } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import { UserError } from '../input/user-error.js';
import { openPool } from './pool.js';
import { prepareStudy } from './prepare.js';
import type { RunStore } from './run-store.js';
import type { RunTask } from './run-task.js';

export interface StudyInputs {
  readonly study: Study;
  readonly studyFile: string;
  readonly outDir: string;
  /** Files of the user's own workloads. */
  readonly userWorkloads: readonly string[];
  /** The command that makes the results again. */
  readonly command: string;
}

export interface RunOptions extends StudyInputs {
  /** Workers. */
  readonly jobs: number;
  readonly onProgress: (done: number, total: number, reused: number) => void;
}

export interface RunOutcome {
  /** In the order of the plan: workload, draw, alternative. */
  readonly runs: readonly RunResult[];
  readonly manifest: RunManifest;
  readonly reused: number;
  readonly computed: number;
}

/** Does the runs that are not stored yet, each stored as it ends. */
export const runStudy = async (options: RunOptions): Promise<RunOutcome> => {
  const { tasks, manifest, store } = await prepare(options);
  const results = new Map<string, RunResult>();
  const missing: RunTask[] = [];
  for (const task of tasks) {
    const stored = store.get(task.key);
    if (stored === null) missing.push(task);
    else results.set(task.key, stored);
  }
  const reused = results.size;
  options.onProgress(reused, tasks.length, reused);
  if (missing.length > 0) {
    const pool = openPool(Math.min(options.jobs, missing.length));
    try {
      await pool.run(missing, (result) => {
        store.put(result);
        results.set(result.key, result);
        options.onProgress(results.size, tasks.length, reused);
      });
    } finally {
      await pool.close();
    }
  }
  return {
    runs: tasks.map(({ key }) => results.get(key)!),
    manifest,
    reused,
    computed: missing.length,
  };
};

/** The stored results of a study. UserError when one that it needs is not stored. */
export const loadRuns = async (
  inputs: StudyInputs,
): Promise<{ readonly runs: readonly RunResult[]; readonly manifest: RunManifest }> => {
  const { tasks, manifest, store } = await prepare(inputs);
  const runs = tasks.map(({ key }) => store.get(key));
  const missing = runs.filter((run) => run === null).length;
  if (missing > 0) {
    throw new UserError({
      code: 'missing-file',
      message: `${missing} of the ${tasks.length} runs that ${inputs.study.id} needs are not stored`,
      where: { file: store.folder },
      expected: 'the results of an earlier `physmap run` with the same study, workloads and version',
      hint: 'run `physmap run` with the same arguments first',
    });
  }
  return { runs: runs as RunResult[], manifest };
};

const prepare = async (
  inputs: StudyInputs,
): Promise<{ tasks: readonly RunTask[]; manifest: RunManifest; store: RunStore }> => {
  const { plan, manifest, store } = await prepareStudy(inputs);
  return { tasks: plan(inputs.study), manifest, store };
};
