import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS, type ModelId, type ModelOptions } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { type PlatformFile, readPlatform } from '../../input/platform.js';
import { costsOfDraw, drawCosts } from '../../runner/cost-draws.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { platformUnder, resolvePlatform } from '../../runner/resolve-platform.js';
import { type LabRecord, type Roles, createLab } from '../../workloads/lab.js';
import type { Lab, Workload } from '../../workloads/workload.js';

const folder = join(packageRoot(), 'platforms');

export const PLATFORM_FILES: readonly PlatformFile[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readPlatform(join(folder, name), ENGINE_NAMES));

export interface PlatformCase {
  readonly title: string;
  readonly file: PlatformFile;
  readonly roles: Roles;
}

const withModel = (model: ModelId, options: ModelOptions = {}): Roles['control'] => ({ model, options });

/** Every platform with every pair of models that a driver domain, or domain0 in its place, and guests can have. */
const pairs = (backend: 'control' | 'driver'): readonly PlatformCase[] =>
  PLATFORM_FILES.flatMap((file) => {
    const inRole = (role: 'control' | 'driver' | 'guest'): ModelId[] =>
      MODELS.filter((id) => file.models[id]?.[role] !== undefined);
    const control = withModel(file.defaultModels.control.model as ModelId);
    return inRole(backend).flatMap((model) =>
      inRole('guest').map((guest) => ({
        title: `${file.id}: ${backend} ${model}, guest ${guest}`,
        file,
        roles: {
          control: backend === 'control' ? withModel(model) : control,
          driver: withModel(model),
          guest: withModel(guest),
        },
      })),
    );
  });

export const DRIVER_DOMAINS = pairs('driver');
export const CONTROL_DOMAINS = pairs('control');

/** A lab on a host of the platform with 144 MiB, and costs as its file has them. */
export const labOf = (
  { file, roles }: PlatformCase,
  conditions: Readonly<Record<string, string>> = {},
): { lab: Lab; record: LabRecord } =>
  createLab({
    platform: {
      ...platformUnder(resolvePlatform(file, costsOfDraw(file, drawCosts(file, 1, 1), 0)), conditions),
      banks: [{ start: 0, size: 144 * 2 ** 20 }],
      controlDomainBytes: 2 ** 24,
    },
    roles,
    seed: 'every platform',
    conditions: {
      ...Object.fromEntries(Object.entries(file.conditions).map(([name, condition]) => [name, condition.default])),
      ...conditions,
    },
    recorded: () => {
      throw new Error('none here');
    },
  });

/** The workload's own parameters, with others here and there. */
export const parametersOf = (
  workload: Workload,
  own: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> => ({
  ...Object.fromEntries(Object.entries(workload.parameters).map(([name, parameter]) => [name, parameter.default])),
  ...Object.fromEntries(Object.entries(own).filter(([name]) => Object.hasOwn(workload.parameters, name))),
});
