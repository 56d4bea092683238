import { expect } from 'vitest';
import { MODELS, type ModelId, type ModelOptions, audit } from '../../engine/index.js';
import type { PlatformFile } from '../../input/platform.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import type { LabRecord } from '../../workloads/lab.js';
import type { Workload } from '../../workloads/workload.js';
import { PLATFORM_FILES, labOf, parametersOf } from './platform-cases.js';

export interface MemoryCase {
  readonly title: string;
  readonly file: PlatformFile;
  readonly model: ModelId;
  readonly role: 'control' | 'driver' | 'guest';
  readonly options?: ModelOptions;
}

const NUMBERS = { guest: 0, driver: 1, control: 2 } as const;

/** Every model of every platform: as a guest where it can be that, and as the control domain. */
export const MEMORY_CASES: readonly MemoryCase[] = PLATFORM_FILES.flatMap((file) =>
  MODELS.flatMap((model) =>
    (['control', 'guest'] as const)
      .filter((role) => file.models[model]?.[role] !== undefined)
      .map((role) => ({ title: `${file.id}: ${role} ${model}`, file, model, role })),
  ),
);

export const caseOf = (
  platform: string,
  role: MemoryCase['role'],
  model: ModelId,
  options: ModelOptions = {},
): MemoryCase => ({
  title: platform,
  file: PLATFORM_FILES.find(({ id }) => id === platform)!,
  model,
  role,
  options,
});

export const workloadOf = (id: string): Workload => BUILT_IN_WORKLOADS.find((each) => each.id === id)!;

/** Runs a workload with one domain in a model; the others have the platform's. The audit has to hold, of a small host at least. */
export const runMemory = (
  workload: Workload,
  { file, model, role, options = {} }: MemoryCase,
  own: Readonly<Record<string, number>> = {},
): LabRecord => {
  const usual = (each: MemoryCase['role']) => ({ model: file.defaultModels[each].model as ModelId, options: {} });
  const roles = { control: usual('control'), driver: usual('driver'), guest: usual('guest') };
  const { lab, record } = labOf({ title: file.id, file, roles: { ...roles, [role]: { model, options } } });
  void workload.run(lab, parametersOf(workload, { role: NUMBERS[role], ...own }));
  for (const host of record.simulation.hosts) expect(audit(host)).toEqual([]);
  return record;
};

/** Runs workloads of one suite with these parameters: on ia64 with the model as a driver domain's, elsewhere as a guest's. */
export const runnerOf =
  (suite: string, usual: Readonly<Record<string, number>>) =>
  (id: string, model: ModelId, own: Readonly<Record<string, number>> = {}, platform = 'ia64-2006'): LabRecord =>
    runMemory(workloadOf(`${suite}/${id}`), caseOf(platform, platform === 'ia64-2006' ? 'driver' : 'guest', model), {
      ...usual,
      ...own,
    });
