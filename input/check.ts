import { z } from 'zod';
import { didYouMean, oneOf } from './nearest.js';
import { parseQuantity } from './units.js';
import { UserError, throwAll } from './user-error.js';
import type { ErrorCode } from './user-error.js';
import { fieldName } from './yaml-file.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** A checked part of a file, or what is wrong with it. */
export type Checked<T> =
  | { readonly value: T; readonly errors: readonly [] }
  | { readonly value: undefined; readonly errors: readonly UserError[] };

/** Checks the part of a file at `path` against a schema: every mistake of it, with its place, what was expected and the nearest valid key. */
export function check<T>(schema: z.ZodType<T>, source: YamlFile, path: FieldPath = []): Checked<T> {
  const result = schema.safeParse(valueAt(source.value, path), {
    // Zod tells which keys are unknown, but not which are known: they travel in the message.
    error: (issue) => (issue.code === 'unrecognized_keys' ? keysOf(issue.inst).join('\n') : undefined),
  });
  if (result.success) return { value: result.data, errors: [] };
  return { value: undefined, errors: result.error.issues.flatMap((issue) => toErrors(issue, source, path)) };
}

/** As `check`, throwing all mistakes. */
export function checked<T>(schema: z.ZodType<T>, source: YamlFile, path: FieldPath = []): T {
  const result = check(schema, source, path);
  throwAll(result.errors);
  return result.value as T;
}

/** An error about the field at `path`. */
export function fault(
  source: YamlFile,
  path: FieldPath,
  error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly expected?: string;
    readonly hint?: string | undefined;
  },
  part: 'key' | 'value' = 'value',
): UserError {
  const { hint, ...rest } = error;
  return new UserError({
    ...rest,
    ...(hint === undefined ? {} : { hint }),
    where: { file: source.file, ...source.position(path, part), field: fieldName(path) },
  });
}

/** An error about a name that is not one of `names`. */
export function unknownName(
  source: YamlFile,
  path: FieldPath,
  kind: string,
  name: string,
  names: readonly string[],
  part: 'key' | 'value' = 'value',
): UserError {
  return fault(
    source,
    path,
    {
      code: 'unknown-name',
      message: `there is no ${kind} "${name}"`,
      expected: oneOf(names),
      hint: didYouMean(name, names),
    },
    part,
  );
}

/** A quantity that becomes a number in `unit`. */
export function quantity(unit: string): z.ZodType<number> {
  return z.unknown().transform((given, context) => {
    const parsed = parseQuantity(given, unit);
    if (parsed.ok) return parsed.value;
    const { fault: code, message, expected, hint } = parsed;
    context.addIssue({ code: 'custom', message, params: { code, expected, hint } });
    return z.NEVER;
  });
}

function toErrors(issue: z.core.$ZodIssue, source: YamlFile, base: FieldPath): readonly UserError[] {
  const path = [...base, ...issue.path] as FieldPath;
  const given = valueAt(source.value, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.split('\n').filter((name) => name !== '');
      return issue.keys.map((key) =>
        fault(
          source,
          [...path, key],
          {
            code: 'unknown-key',
            message: `there is no key "${key}" here`,
            expected: oneOf(known),
            hint: didYouMean(key, known) ?? quotesHint(valueAt(given, [key])),
          },
          'key',
        ),
      );
    }
    case 'invalid_value':
      return [choiceFault(source, path, given, issue.values.map(String))];
    case 'custom': {
      const { code = 'inconsistent', ...rest } = (issue.params ?? {}) as {
        code?: ErrorCode;
        expected?: string;
        hint?: string;
      };
      if (given === undefined && issue.path.length > 0) return [missing(source, path, rest.expected ?? 'a value')];
      return [fault(source, path, { code, message: issue.message, ...rest })];
    }
    case 'too_small':
    case 'too_big':
      if (issue.code === 'too_small' && (issue.origin === 'string' || issue.origin === 'array')) {
        const expected = issue.origin === 'string' ? 'text' : `at least ${issue.minimum} of them`;
        return [
          fault(source, path, {
            code: 'out-of-range',
            message: issue.minimum === 1 ? 'is empty' : 'has too few entries',
            expected,
          }),
        ];
      }
      return [
        fault(source, path, {
          code: 'out-of-range',
          message: `${show(given)} is out of range`,
          expected: boundOf(issue),
        }),
      ];
    default: {
      const expected = expectedOf(issue);
      if (given === undefined && issue.path.length > 0) return [missing(source, path, expected)];
      return [fault(source, path, { code: 'wrong-type', message: `${show(given)} does not fit here`, expected })];
    }
  }
}

/** In YAML's `{a: b}` a comma ends the text: the rest of a sentence then reads as a key. */
function quotesHint(value: unknown): string | undefined {
  return value === null ? 'inside { } a text with a comma or a colon has to stand in quotes' : undefined;
}

function missing(source: YamlFile, path: FieldPath, expected: string): UserError {
  return fault(source, path, { code: 'missing-key', message: `"${String(path.at(-1))}" is missing`, expected });
}

function choiceFault(source: YamlFile, path: FieldPath, given: unknown, values: readonly string[]): UserError {
  const expected = oneOf(values);
  if (given === undefined) return missing(source, path, expected);
  const hint = typeof given === 'string' ? didYouMean(given, values) : undefined;
  return fault(source, path, { code: 'unknown-name', message: `${show(given)} is not known here`, expected, hint });
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [limit, words] =
    issue.code === 'too_small' ? [issue.minimum, ['at least', 'more than']] : [issue.maximum, ['at most', 'less than']];
  return `${issue.inclusive === false ? words[1] : words[0]} ${limit}`;
}

function expectedOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const names: Readonly<Record<string, string>> = {
      object: 'a mapping',
      record: 'a mapping',
      array: 'a list',
      string: 'text',
      number: 'a number',
      int: 'a whole number',
      boolean: 'true or false',
    };
    return names[issue.expected] ?? issue.expected;
  }
  return issue.message;
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value).replaceAll('"', '');
  return `"${text.length > 60 ? `${text.slice(0, 57)}…` : text}"`;
}

/** The value at a path of a parsed file, undefined where there is none. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[part];
  }
  return current;
}

function keysOf(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
