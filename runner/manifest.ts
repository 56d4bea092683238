import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CostInput, RunManifest } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import { MODEL_TITLES } from '../engine/index.js';
import { packageRoot } from '../input/package-root.js';
import type { PlatformFile } from '../input/platform.js';
import { readTraceProvenance, traceFile } from '../workloads/trace/index.js';
import { workloadsOf } from './plan.js';
import type { LoadedWorkload } from './workload-files.js';

/** Everything resolved that the runs are made from, with the hashes of the files it came from. */
export const makeManifest = (made: {
  readonly study: Study;
  readonly studyFile: string;
  readonly platform: PlatformFile;
  readonly costs: readonly CostInput[];
  readonly workloads: readonly LoadedWorkload[];
  readonly engineVersion: string;
  readonly command: string;
}): RunManifest => {
  const { study, platform } = made;
  const used = workloadsOf(study, made.workloads);
  const traces = [...new Set(used.flatMap(({ loaded }) => loaded.workload.traces ?? []))];
  const files = [
    made.studyFile,
    join(packageRoot(), 'platforms', `${platform.id}.yaml`),
    ...traces.map(traceFile),
    ...used.flatMap(({ loaded }) => (loaded.file === null ? [] : [loaded.file])),
  ];
  return {
    study: study.id,
    engineVersion: made.engineVersion,
    platform: { id: platform.id, title: platform.title, models: MODEL_TITLES, settings: platform.settings },
    costs: made.costs,
    workloads: used.map(({ loaded: { workload }, parameters }) => ({
      id: workload.id,
      title: workload.title,
      description: workload.description,
      parameters: Object.entries(parameters).map(([name, value]) => ({
        name,
        value,
        unit: workload.parameters[name].unit,
        title: workload.parameters[name].title ?? name,
      })),
      trace: workload.traces === undefined ? null : readTraceProvenance(workload.traces[0]),
    })),
    inputs: Object.fromEntries(files.map((file) => [basename(file), sha256(file)])),
    command: made.command,
  };
};

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
