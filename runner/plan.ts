import { createHash } from 'node:crypto';
import type { CostInput } from '../contracts/run.js';
import type { Study, StudyAlternative } from '../contracts/study.js';
import type { ModelId } from '../engine/index.js';
import { conditionsUnder } from '../input/platform-conditions.js';
import type { PlatformFile } from '../input/platform.js';
import type { Roles } from '../workloads/lab.js';
import { costsOfDraw } from './cost-draws.js';
import { platformUnder, resolvePlatform } from './resolve-platform.js';
import type { RunTask } from './run-task.js';
import { type LoadedWorkload, hashOf } from './workload-files.js';

/** Every run that a study needs: alternatives × workloads × draws. A user's workload that the study does not name runs with its defaults. */
export const planRuns = (
  study: Study,
  platform: PlatformFile,
  costs: readonly CostInput[],
  workloads: readonly LoadedWorkload[],
  engineVersion: string,
): readonly RunTask[] => {
  const tasks: RunTask[] = [];
  for (const { loaded, parameters } of workloadsOf(study, workloads)) {
    for (let draw = 0; draw < study.draws; draw += 1) {
      const resolved = resolvePlatform(platform, costsOfDraw(platform, costs, draw));
      for (const alternative of study.alternatives) {
        const conditions = conditionsUnder(platform.conditions, alternative.given ?? {});
        const task = {
          study: study.id,
          alternative: alternative.id,
          workload: loaded.workload.id,
          code: loaded.code,
          parameters,
          roles: rolesOf(alternative, platform),
          platform: platformUnder(resolved, conditions),
          conditions,
          seed: study.seed,
          draw,
          engineVersion,
        };
        tasks.push({ key: keyOf(task), ...task });
      }
    }
  }
  return tasks;
};

/** The workloads that run, each with every parameter: the study's own values, and defaults for the rest. */
export const workloadsOf = (
  study: Study,
  workloads: readonly LoadedWorkload[],
): readonly { readonly loaded: LoadedWorkload; readonly parameters: Readonly<Record<string, number>> }[] => {
  const named = study.workloads.map(({ id, parameters }) => ({
    loaded: workloads.find(({ workload }) => workload.id === id)!,
    given: parameters,
  }));
  const ids = new Set(study.workloads.map(({ id }) => id));
  const own = workloads
    .filter(({ file, workload }) => file !== null && !ids.has(workload.id))
    .map((loaded) => ({ loaded, given: {} }));
  return [...named, ...own].map(({ loaded, given }) => {
    const defaults = Object.entries(loaded.workload.parameters).map(([name, parameter]) => [name, parameter.default]);
    return { loaded, parameters: { ...Object.fromEntries(defaults), ...given } };
  });
};

const rolesOf = (alternative: StudyAlternative, platform: PlatformFile): Roles => {
  const role = (name: 'control' | 'driver' | 'guest'): Roles['control'] => {
    const { model, options } = alternative.roles[name] ?? platform.defaultModels[name];
    return { model: model as ModelId, options };
  };
  return { control: role('control'), driver: role('driver'), guest: role('guest') };
};

const keyOf = (task: Omit<RunTask, 'key'>): string => {
  const { code, ...rest } = task;
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, code: code === null ? null : hashOf(code) }))
    .digest('hex')
    .slice(0, 32);
};
