import { join } from 'node:path';
import { Piscina } from 'piscina';
import type { RunManifest, RunResult } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import { packageRoot } from '../input/package-root.js';
import { readPlatform } from '../input/platform.js';
import { UserError } from '../input/user-error.js';
import { drawCosts } from './cost-draws.js';
import { ENGINE_NAMES } from './engine-names.js';
import { readEngineVersion } from './engine-version.js';
import { makeManifest } from './manifest.js';
import { planRuns } from './plan.js';
import { RunStore } from './run-store.js';
import type { RunTask } from './run-task.js';
import { loadWorkloads } from './workload-files.js';

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
    await runInPool(missing, options.jobs, (result) => {
      store.put(result);
      results.set(result.key, result);
      options.onProgress(results.size, tasks.length, reused);
    });
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
  const { study } = inputs;
  const platformPath = join(packageRoot(), 'platforms', `${study.platform}.yaml`);
  const platform = readPlatform(platformPath, ENGINE_NAMES);
  const workloads = await loadWorkloads(inputs.userWorkloads);
  const engineVersion = readEngineVersion();
  const costs = drawCosts(platform, study.seed, study.draws);
  return {
    tasks: planRuns(study, platform, costs, workloads, engineVersion),
    manifest: makeManifest({ ...inputs, platform, costs, workloads, engineVersion }),
    store: new RunStore(inputs.outDir, study.id),
  };
};

const runInPool = async (
  tasks: readonly RunTask[],
  jobs: number,
  onResult: (result: RunResult) => void,
): Promise<void> => {
  const threads = Math.min(jobs, tasks.length);
  const pool = new Piscina({
    filename: join(packageRoot(), 'dist', 'runner', 'worker.js'),
    minThreads: threads,
    maxThreads: threads,
  });
  try {
    await Promise.all(tasks.map(async (task) => onResult((await pool.run(task)) as RunResult)));
  } finally {
    await pool.destroy();
  }
};
