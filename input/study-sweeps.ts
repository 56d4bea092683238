import type { Sweep } from '../contracts/study.js';
import { scaleOf, valueAt } from '../sampling/index.js';
import { fault, unknownName } from './check.js';
import { convertParameters, parameterValue } from './parameter-values.js';
import type { RegisteredParameter, RegisteredWorkload } from './registry.js';
import type { WrittenSweep } from './study-schema.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

type WrittenValues = WrittenSweep['sweep'][string];

/** Parameters that can be swept together: what a page can show. */
const mostAxes = 2;

/**
 * A sweep with each value in its parameter's own unit; undefined, and its mistakes told, where it is none.
 * @param given the workload's parameters as the study has them; those of the sweep come before them.
 */
export function sweepOf(
  source: YamlFile,
  path: FieldPath,
  workload: RegisteredWorkload,
  { written, given }: { readonly written: WrittenSweep; readonly given: Readonly<Record<string, number>> },
  errors: UserError[],
): Sweep | undefined {
  const before = errors.length;
  const { id, because, metrics } = written;
  const own = convertParameters(source, [...path, 'parameters'], workload, written.parameters, errors);
  const names = Object.keys(workload.parameters);
  const swept = Object.entries(written.sweep);
  if (swept.length === 0 || swept.length > mostAxes) {
    const message = `${swept.length} parameters are swept`;
    errors.push(
      fault(source, [...path, 'sweep'], { code: 'out-of-range', message, expected: 'one parameter, or two' }),
    );
  }
  const axes = swept.flatMap(([parameter, values]) => {
    const place = [...path, 'sweep', parameter];
    if (!names.includes(parameter)) {
      errors.push(unknownName(source, place, `parameter of ${workload.id}`, parameter, names, 'key'));
      return [];
    }
    if (Object.hasOwn(written.parameters, parameter)) {
      const message = `"${parameter}" is swept and set`;
      const where = [...path, 'parameters', parameter];
      errors.push(fault(source, where, { code: 'inconsistent', message, expected: 'one of the two' }, 'key'));
    }
    return [{ parameter, values: valuesOf(source, place, workload.parameters[parameter], values, errors) }];
  });
  for (const [index, metric] of metrics.entries()) {
    if (Object.hasOwn(workload.metrics, metric)) continue;
    const known = Object.keys(workload.metrics);
    errors.push(unknownName(source, [...path, 'metrics', index], `metric of ${workload.id}`, metric, known));
  }
  if (errors.length > before) return undefined;
  return { id, workload: workload.id, because, parameters: { ...given, ...own }, axes, metrics };
}

function valuesOf(
  source: YamlFile,
  path: FieldPath,
  parameter: RegisteredParameter,
  written: WrittenValues,
  errors: UserError[],
): readonly number[] {
  if (Array.isArray(written)) {
    const values = written.flatMap(
      (each, index) => parameterValue(source, [...path, index], parameter, each, errors) ?? [],
    );
    const distinct = [...new Set(values)].toSorted((a, b) => a - b);
    if (distinct.length < values.length)
      errors.push(fault(source, path, { code: 'duplicate', message: 'a value is there twice', expected: 'each once' }));
    return distinct;
  }
  const low = parameterValue(source, [...path, 'from'], parameter, written.from, errors);
  const high = parameterValue(source, [...path, 'to'], parameter, written.to, errors);
  if (low === undefined || high === undefined) return [];
  const { steps, scale = scaleOf(low, high) } = written;
  const wrong =
    low >= high
      ? {
          path: [...path, 'to'],
          message: `from ${written.from} to ${written.to} is no range`,
          expected: `more than ${written.from}`,
        }
      : scale === 'log' && low <= 0
        ? {
            path: [...path, 'from'],
            message: 'equal factors do not begin at zero',
            expected: 'more than 0, or scale: linear',
          }
        : null;
  if (wrong !== null) {
    const { path: where, ...rest } = wrong;
    errors.push(fault(source, where, { code: 'inconsistent', ...rest }));
    return [];
  }
  return sweptValues({ low, high, scale, whole: parameter.unit === '' }, steps);
}

/** So many values from end to end of an axis, evenly or by equal factors; fewer where whole numbers coincide. */
export function sweptValues(axis: Parameters<typeof valueAt>[0], steps: number): readonly number[] {
  return [...new Set(Array.from({ length: steps }, (_, at) => valueAt(axis, at / (steps - 1))))];
}
