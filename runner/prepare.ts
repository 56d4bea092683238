import { join } from 'node:path';
import type { RunManifest } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import { packageRoot } from '../input/package-root.js';
import { readPlatform } from '../input/platform.js';
import { drawCosts } from './cost-draws.js';
import { ENGINE_NAMES } from './engine-names.js';
import { readEngineVersion } from './engine-version.js';
import { makeManifest } from './manifest.js';
import { planRuns } from './plan.js';
import { RunStore } from './run-store.js';
import type { StudyInputs } from './run-study.js';
import type { RunTask } from './run-task.js';
import { type LoadedWorkload, loadWorkloads } from './workload-files.js';

/** What every kind of search over a study's runs begins with. */
export interface PreparedStudy {
  readonly workloads: readonly LoadedWorkload[];
  readonly manifest: RunManifest;
  readonly store: RunStore;
  /** The runs of this study, or of it with other parameters or draws. Of `only` these workloads where they are given. */
  readonly plan: (study: Study, only?: readonly LoadedWorkload[]) => readonly RunTask[];
}

export const prepareStudy = async (inputs: StudyInputs): Promise<PreparedStudy> => {
  const { study } = inputs;
  const platform = readPlatform(join(packageRoot(), 'platforms', `${study.platform}.yaml`), ENGINE_NAMES);
  const workloads = await loadWorkloads(inputs.userWorkloads);
  const engineVersion = readEngineVersion();
  const costs = drawCosts(platform, study.seed, study.draws);
  return {
    workloads,
    manifest: makeManifest({ ...inputs, platform, costs, workloads, engineVersion }),
    store: new RunStore(inputs.outDir, study.id),
    plan: (varied, only = workloads) => planRuns(varied, platform, costs, only, engineVersion),
  };
};
