import type { RunResult } from '../contracts/run.js';
import { MECHANISM_TITLES } from '../engine/index.js';
import { BUILT_IN_WORKLOADS } from '../workloads/built-in.js';
import { type LabRecord, createLab } from '../workloads/lab.js';
import { recordedPattern } from '../workloads/trace/index.js';
import type { Workload } from '../workloads/workload.js';
import type { RunTask } from './run-task.js';
import { importWorkload } from './workload-files.js';

/** How far, as a share, the parts of a metric may be from it: rounding of a long sum. */
const sumTolerance = 1e-9;

/** Runs one task. A fault in the workload or the engine becomes the result's `failure`. */
export const executeRun = async (task: RunTask): Promise<RunResult> => {
  const workload = await findWorkload(task);
  const { lab, record } = createLab({
    platform: task.platform,
    roles: task.roles,
    conditions: task.conditions,
    seed: `${task.seed}/${task.draw}/${task.workload}`,
    recorded: recordedPattern,
  });
  let failure: string | null = null;
  try {
    await workload.run(lab, task.parameters);
    failure = wrongMeasurement(workload, record);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return {
    key: task.key,
    study: task.study,
    alternative: task.alternative,
    workload: task.workload,
    parameters: task.parameters,
    seed: task.seed,
    draw: task.draw,
    metrics: Object.fromEntries(
      Object.entries(workload.metrics)
        .filter(([name]) => Number.isFinite(record.metrics.get(name)))
        .map(([name, { title, unit, better, frontier }]) => [
          name,
          {
            value: record.metrics.get(name)!,
            unit,
            better,
            title: title ?? name,
            ...(frontier === undefined ? {} : { frontier }),
          },
        ]),
    ),
    series: Object.fromEntries(
      Object.entries(workload.series ?? {})
        .filter(([name]) => record.series.has(name))
        .map(([name, declared]) => [name, { ...declared, ...record.series.get(name)! }]),
    ),
    ...(record.parts.size === 0 ? {} : { parts: Object.fromEntries(record.parts) }),
    ...(record.chain.length === 0 ? {} : { chain: [...record.chain] }),
    ...(record.frameMaps.length === 0 ? {} : { frameMaps: [...record.frameMaps] }),
    findings: record.findings,
    ledger: record.simulation.ledger
      .entries()
      .map((entry) => ({ ...entry, mechanism: MECHANISM_TITLES[entry.mechanism] })),
    failure,
    engineVersion: task.engineVersion,
  };
};

const findWorkload = async (task: RunTask): Promise<Workload> => {
  if (task.code !== null) return importWorkload(task.code, task.workload);
  const workload = BUILT_IN_WORKLOADS.find(({ id }) => id === task.workload);
  if (workload === undefined) throw new Error(`no workload ${task.workload}`);
  return workload;
};

/** What is wrong with what a workload stated, or null: a metric that it never declared, or no finite number. */
const wrongMeasurement = (workload: Workload, { metrics, findings, parts, series }: LabRecord): string | null => {
  for (const [name, value] of metrics) {
    if (!Object.hasOwn(workload.metrics, name)) return `it measured "${name}", which is none of its metrics`;
    if (!Number.isFinite(value)) return `its metric "${name}" is ${value}`;
  }
  for (const [name, values] of parts) {
    const sum = values.reduce((total, { value }) => total + value, 0);
    const value = metrics.get(name);
    if (value === undefined) return `it explains "${name}", which it did not measure`;
    if (!(Math.abs(sum - value) <= Math.abs(value) * sumTolerance))
      return `the parts of its metric "${name}" sum to ${sum}, not to ${value}`;
  }
  for (const [name, { values, times }] of series) {
    if (times === undefined) continue;
    if (times.starts.length === values.length && times.ends.length === values.length) continue;
    return `its series "${name}" has ${values.length} values, ${times.starts.length} starts and ${times.ends.length} ends`;
  }
  const missing = Object.keys(workload.metrics).filter((name) => !metrics.has(name));
  if (missing.length === 0 || findings.length > 0) return null;
  return `it did not measure ${missing.map((name) => `"${name}"`).join(', ')}`;
};
