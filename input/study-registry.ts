import type { FlipRange, Study } from '../contracts/study.js';
import { fault, unknownName } from './check.js';
import { didYouMean, oneOf } from './nearest.js';
import type { RegisteredParameter, RegisteredWorkload, Registry } from './registry.js';
import type { StudyDraft } from './study.js';
import { wrongRoles } from './study-roles.js';
import { parseQuantity } from './units.js';
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
  throwAll(errors);
  return { ...study, workloads, ...(flips.length === 0 ? {} : { flips }) };
}

function convertParameters(
  source: YamlFile,
  path: FieldPath,
  workload: RegisteredWorkload,
  written: Readonly<Record<string, string | number>>,
  errors: UserError[],
): Readonly<Record<string, number>> {
  const names = Object.keys(workload.parameters);
  const converted: Record<string, number> = {};
  for (const [name, given] of Object.entries(written)) {
    const parameter = Object.hasOwn(workload.parameters, name) ? workload.parameters[name] : undefined;
    if (parameter === undefined) {
      const error = {
        code: 'unknown-key',
        message: `${workload.id} has no parameter "${name}"`,
        expected: oneOf(names),
      } as const;
      errors.push(fault(source, [...path, name], { ...error, hint: didYouMean(name, names) }, 'key'));
      continue;
    }
    const value = parameterValue(source, [...path, name], parameter, given, errors);
    if (value !== undefined) converted[name] = value;
  }
  return converted;
}

/** A value in its parameter's own unit; undefined, and a mistake told, where it is no such value. */
function parameterValue(
  source: YamlFile,
  path: FieldPath,
  { unit, min = 0, max = Infinity }: RegisteredParameter,
  given: string | number,
  errors: UserError[],
): number | undefined {
  const parsed = parseQuantity(given, unit);
  if (!parsed.ok) {
    const { fault: code, message, expected, hint } = parsed;
    errors.push(fault(source, path, { code, message, expected, hint }));
    return undefined;
  }
  if (parsed.value >= min && parsed.value <= max) return parsed.value;
  const expected = max === Infinity ? `at least ${min} ${unit}` : `${min} to ${max} ${unit}`;
  errors.push(
    fault(source, path, { code: 'out-of-range', message: `"${given}" is out of range`, expected: expected.trim() }),
  );
  return undefined;
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
