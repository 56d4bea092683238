import type { RunManifest, RunResult } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import type { SweepResult } from '../contracts/sweep.js';
import { UserError } from '../input/user-error.js';
import { workloadsOf } from './plan.js';
import { openPool } from './pool.js';
import { prepareStudy } from './prepare.js';
import type { RunStore } from './run-store.js';
import type { RunTask } from './run-task.js';
import { pointsOf, valuesAt, variedTasks } from './varied-tasks.js';

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

export interface StudyRuns {
  /** In the order of the plan: workload, draw, alternative. */
  readonly runs: readonly RunResult[];
  /** In the order of the study's sweeps. */
  readonly sweeps: readonly SweepResult[];
  readonly manifest: RunManifest;
}

export interface RunOutcome extends StudyRuns {
  readonly reused: number;
  readonly computed: number;
}

/** Does the runs that are not stored yet, those of the sweeps among them, each stored as it ends. */
export const runStudy = async (options: RunOptions): Promise<RunOutcome> => {
  const planned = await prepare(options);
  const { tasks, store } = planned;
  const results = new Map<string, RunResult>();
  const missing: RunTask[] = [];
  for (const [key, task] of tasks) {
    const stored = store.get(key);
    if (stored === null) missing.push(task);
    else results.set(key, stored);
  }
  const reused = results.size;
  options.onProgress(reused, tasks.size, reused);
  if (missing.length > 0) {
    const pool = openPool(Math.min(options.jobs, missing.length));
    try {
      await pool.run(missing, (result) => {
        store.put(result);
        results.set(result.key, result);
        options.onProgress(results.size, tasks.size, reused);
      });
    } finally {
      await pool.close();
    }
  }
  return { ...planned.assemble(results), reused, computed: missing.length };
};

/** The stored results of a study. UserError when one that it needs is not stored. */
export const loadRuns = async (inputs: StudyInputs): Promise<StudyRuns> => {
  const { tasks, store, assemble } = await prepare(inputs);
  const results = new Map<string, RunResult>();
  for (const key of tasks.keys()) {
    const stored = store.get(key);
    if (stored !== null) results.set(key, stored);
  }
  const missing = tasks.size - results.size;
  if (missing > 0) {
    throw new UserError({
      code: 'missing-file',
      message: `${missing} of the ${tasks.size} runs that ${inputs.study.id} needs are not stored`,
      where: { file: store.folder },
      expected: 'the results of an earlier `physmap run` with the same study, workloads and version',
      hint: 'run `physmap run` with the same arguments first',
    });
  }
  return assemble(results);
};

interface Planned {
  /** Every run that the study and its sweeps need, each once, by its key. */
  readonly tasks: ReadonlyMap<string, RunTask>;
  readonly store: RunStore;
  readonly assemble: (results: ReadonlyMap<string, RunResult>) => StudyRuns;
}

const prepare = async (inputs: StudyInputs): Promise<Planned> => {
  const { study } = inputs;
  const { plan, manifest, store, workloads } = await prepareStudy(inputs);
  const own = plan(study);
  const tasksAt = variedTasks(study, workloadsOf(study, workloads), plan);
  const sweeps = (study.sweeps ?? []).map((sweep) => ({
    sweep,
    points: pointsOf(sweep).map((values) => ({
      values,
      tasks: tasksAt({ workload: sweep.workload, values: valuesAt(sweep, values) }),
    })),
  }));
  const swept = sweeps.flatMap(({ points }) => points.flatMap(({ tasks }) => tasks));
  const resultsOf = (tasks: readonly RunTask[], results: ReadonlyMap<string, RunResult>): readonly RunResult[] =>
    tasks.map(({ key }) => results.get(key)!);
  return {
    tasks: new Map([...own, ...swept].map((task) => [task.key, task])),
    store,
    assemble: (results) => ({
      runs: resultsOf(own, results),
      sweeps: sweeps.map(({ sweep, points }) => ({
        sweep,
        points: points.map(({ values, tasks }) => ({ values, runs: resultsOf(tasks, results) })),
      })),
      manifest,
    }),
  };
};
