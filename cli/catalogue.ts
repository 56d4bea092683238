import { MODELS, MODEL_OPTIONS, OPERATIONS } from '../engine/index.js';
import { readPlatform } from '../input/platform.js';
import type { Registry } from '../input/registry.js';
import { ENGINE_NAMES } from '../runner/index.js';
import type { LoadedWorkload } from '../runner/index.js';
import { BUILT_IN_WORKLOADS } from '../workloads/built-in.js';

import type { Workload } from '../workloads/workload.js';
import { platformFile, shippedPlatforms, shippedStudies } from './shipped.js';

/** Ids of all that a study may name, and of the studies that there are. */
export interface Catalogue {
  readonly models: readonly string[];
  readonly platforms: readonly string[];
  readonly suites: readonly { readonly id: string; readonly workloads: readonly string[] }[];
  readonly studies: readonly string[];
  /** What a study may set of each workload, and what it measures. */
  readonly workloads: readonly CatalogueWorkload[];
}

export interface CatalogueWorkload {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly parameters: Workload['parameters'];
  readonly metrics: Workload['metrics'];
}

export function listCatalogue(): Catalogue {
  const ids = BUILT_IN_WORKLOADS.map(({ id }) => id);
  const suites = [...new Set(ids.map(suiteOf))];
  return {
    models: MODELS,
    platforms: shippedPlatforms(),
    suites: suites.map((id) => ({ id, workloads: ids.filter((workload) => suiteOf(workload) === id) })),
    studies: shippedStudies(),
    workloads: BUILT_IN_WORKLOADS.map(({ id, title, description, parameters, metrics }) => ({
      id,
      title,
      description,
      parameters,
      metrics,
    })),
  };
}

function suiteOf(workload: string): string {
  return workload.split('/', 1)[0];
}

/** What a study is checked against: the workloads given, and all platforms and models that there are. */
export function registryWith(workloads: readonly LoadedWorkload[]): Registry {
  return {
    workloads: workloads.map(({ workload }) => workload),
    platforms: { ids: shippedPlatforms(), read: (id) => readPlatform(platformFile(id), ENGINE_NAMES) },
    models: MODELS.map((id) => ({ id, options: MODEL_OPTIONS[id] })),
    operations: OPERATIONS,
  };
}
