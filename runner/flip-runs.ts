import { createHash } from 'node:crypto';
import type { RunManifest, RunResult } from '../contracts/run.js';
import type { Workload } from '../workloads/workload.js';
import { workloadsOf } from './plan.js';
import { openPool } from './pool.js';
import { prepareStudy } from './prepare.js';
import type { StudyInputs } from './run-study.js';
import type { RunTask } from './run-task.js';
import { variedTasks } from './varied-tasks.js';

/** One workload parameter at one value, all else as in the study. */
export interface VariedParameter {
  readonly workload: string;
  readonly parameter: string;
  readonly value: number;
}

/** Draw 0 of a study, with a parameter of one workload varied. */
export interface FlipRuns {
  readonly manifest: RunManifest;
  /** Every workload that runs, with its parameters as the study has them. */
  readonly workloads: readonly { readonly workload: Workload; readonly parameters: Readonly<Record<string, number>> }[];
  /** Draw 0 of every workload as the study has it. */
  readonly nominal: () => Promise<readonly RunResult[]>;
  /** For each of the asked, the runs of its workload under every alternative, in the order asked. */
  readonly vary: (asked: readonly VariedParameter[]) => Promise<readonly (readonly RunResult[])[]>;
  /** Runs that were made so far, and those that were stored already. */
  readonly counts: () => { readonly computed: number; readonly reused: number };
  readonly close: () => Promise<void>;
}

export interface FlipRunsOptions extends StudyInputs {
  /** Workers. */
  readonly jobs: number;
  readonly onRun: (computed: number, reused: number) => void;
}

/**
 * Runs what a search for flip points asks for and is not stored yet.
 */
export const openFlipRuns = async (options: FlipRunsOptions): Promise<FlipRuns> => {
  const { workloads, manifest, store, plan } = await prepareStudy(options);
  const { study } = options;
  const named = workloadsOf(study, workloads);
  const tasksOf = variedTasks(study, named, plan);
  const pool = openPool(options.jobs);
  let computed = 0;
  let reused = 0;

  const make = async (tasks: readonly RunTask[]): Promise<ReadonlyMap<string, RunResult>> => {
    const results = new Map<string, RunResult>();
    const missing = new Map<string, RunTask>();
    for (const task of tasks) {
      const stored = store.get(task.key);
      if (stored === null) missing.set(task.key, task);
      else results.set(task.key, stored);
    }
    reused += results.size;
    options.onRun(computed, reused);
    await pool.run([...missing.values()], (result) => {
      store.put(result);
      results.set(result.key, result);
      computed += 1;
      options.onRun(computed, reused);
    });
    return results;
  };

  return {
    manifest,
    workloads: named.map(({ loaded, parameters }) => ({ workload: loaded.workload, parameters })),
    nominal: async () => [...(await make(plan({ ...study, draws: 1 }))).values()],
    vary: async (asked) => {
      const tasks = asked.map(({ workload, parameter, value }) =>
        tasksOf({ workload, values: { [parameter]: value } }),
      );
      const results = await make(tasks.flat());
      return tasks.map((each) => each.map(({ key }) => results.get(key)!));
    },
    counts: () => ({ computed, reused }),
    close: pool.close,
  };
};

/**
 * What flip points rest on: the study, the code, and every input file. A hash in hexadecimal: another version or file, the study's own
 * among them, makes it another.
 */
export const flipBasis = ({ study, engineVersion, inputs }: RunManifest): string =>
  createHash('sha256')
    .update(JSON.stringify([study, engineVersion, inputs]))
    .digest('hex')
    .slice(0, 32);
