import { fault } from './check.js';
import { didYouMean, oneOf } from './nearest.js';
import type { RegisteredParameter, RegisteredWorkload } from './registry.js';
import { parseQuantity } from './units.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** Values by name in their parameters' own units; a mistake is told for each name that is unknown and each value that does not fit. */
export function convertParameters(
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
export function parameterValue(
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
