import type { FlipRange, Study } from '../contracts/study.js';
import { fault, unknownName } from './check.js';
import { convertParameters, parameterValue } from './parameter-values.js';
import type { RegisteredWorkload, Registry } from './registry.js';
import type { StudyDraft } from './study.js';
import { wrongRoles } from './study-roles.js';
import { sweepOf } from './study-sweeps.js';
import { throwAll } from './user-error.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/**
 * The study with each parameter as a number in its workload's own unit.
 * UserError with every name that the registry does not have, and every parameter of a wrong unit or out of range.
 */
export function checkStudyAgainst(draft: StudyDraft, registry: Registry): Study {
  const { source, study, criterionPaths } = draft;
  const errors: UserError[] = [];
  const known = registry.workloads.map(({ id }) => id);
  const find = (id: string) => registry.workloads.find((workload) => workload.id === id);
  errors.push(...wrongRoles(draft, registry));
  const workloads = study.workloads.map(({ id, parameters }, index) => {
    const path = ['workloads', index];
    const workload = find(id);
    if (workload !== undefined)
      return { id, parameters: convertParameters(source, [...path, 'parameters'], workload, parameters, errors) };
    errors.push(unknownName(source, [...path, 'id'], 'workload', id, known));
    return { id, parameters: {} };
  });
  const checkOperation = (path: FieldPath, operation: string): void => {
    const { operations } = registry;
    if (operations === undefined || operations.includes(operation)) return;
    errors.push(unknownName(source, path, 'operation', operation, operations));
  };
  for (const [index, gate] of study.gates.entries()) checkOperation(['gates', index, 'operation'], gate.operation);
  for (const [index, criterion] of study.criteria.entries()) {
    const path = criterionPaths[index] ?? [];
    if (criterion.kind === 'capability') checkOperation([...path, 'operation'], criterion.operation);
    if (criterion.kind !== 'measured') continue;
    const workload = find(criterion.workload);
    if (workload !== undefined) errors.push(...wrongMetric(source, path, workload, criterion));
  }
  const flips = draft.flips.flatMap((written, index) => {
    const workload = find(written.workload);
    const range = workload && flipRange(source, ['flips', index], workload, written, errors);
    return range === undefined ? [] : [range];
  });
  const sweeps = draft.sweeps.flatMap((written, index) => {
    const workload = find(written.workload);
    const given = workloads.find(({ id }) => id === written.workload)?.parameters ?? {};
    const sweep = workload && sweepOf(source, ['sweeps', index], workload, { written, given }, errors);
    return sweep === undefined ? [] : [sweep];
  });
  throwAll(errors);
  return {
    ...study,
    workloads,
    ...(flips.length === 0 ? {} : { flips }),
    ...(sweeps.length === 0 ? {} : { sweeps }),
  };
}

function flipRange(
  source: YamlFile,
  path: FieldPath,
  workload: RegisteredWorkload,
  { parameter, from, to }: StudyDraft['flips'][number],
  errors: UserError[],
): FlipRange | undefined {
  const names = Object.keys(workload.parameters);
  if (!names.includes(parameter)) {
    errors.push(unknownName(source, [...path, 'parameter'], `parameter of ${workload.id}`, parameter, names));
    return undefined;
  }
  const registered = workload.parameters[parameter];
  const low = parameterValue(source, [...path, 'from'], registered, from, errors);
  const high = parameterValue(source, [...path, 'to'], registered, to, errors);
  if (low === undefined || high === undefined) return undefined;
  if (low < high) return { workload: workload.id, parameter, low, high };
  const message = `from ${from} to ${to} is no range`;
  errors.push(fault(source, [...path, 'to'], { code: 'inconsistent', message, expected: `more than ${from}` }));
  return undefined;
}

function wrongMetric(
  source: YamlFile,
  path: FieldPath,
  workload: RegisteredWorkload,
  { metric, unit }: { readonly metric: string; readonly unit: string },
): readonly UserError[] {
  const names = Object.keys(workload.metrics);
  const measured = Object.hasOwn(workload.metrics, metric) ? workload.metrics[metric] : undefined;
  if (measured === undefined)
    return [unknownName(source, [...path, 'metric'], `metric of ${workload.id}`, metric, names)];
  if (measured.unit === unit) return [];
  const message = `"${unit}" is not the unit of ${metric}`;
  return [
    fault(source, [...path, 'unit'], {
      code: 'wrong-unit',
      message,
      expected: `"${measured.unit}", in which ${workload.id} measures it`,
    }),
  ];
}
