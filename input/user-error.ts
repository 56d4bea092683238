/** What kind of mistake it was. A closed list: each has a row in the table of test/input/user-error.test.ts. */
export const errorCodes = [
  'usage',
  'missing-file',
  'encoding',
  'syntax',
  'unknown-key',
  'missing-key',
  'wrong-type',
  'wrong-unit',
  'out-of-range',
  'unknown-name',
  'duplicate',
  'inconsistent',
  'trace',
  'workload',
  'environment',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Where the mistake stands. Lines and columns count from 1. `field` is a path such as `criteria[2].weights.cost`. */
export interface Where {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly field?: string;
}

export interface UserErrorInit {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: Where;
  /** What would have been right. */
  readonly expected?: string;
  /** What to do, e.g. `did you mean "guest"?`. */
  readonly hint?: string;
  /** Further mistakes that were found in the same reading. */
  readonly also?: readonly UserError[];
}

/** A mistake in what the user gave us: shown without a stack, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly where: Where;
  readonly expected?: string;
  readonly hint?: string;
  readonly also: readonly UserError[];

  constructor(init: UserErrorInit) {
    super(init.message);
    this.code = init.code;
    this.where = init.where ?? {};
    if (init.expected !== undefined) this.expected = init.expected;
    if (init.hint !== undefined) this.hint = init.hint;
    this.also = init.also ?? [];
  }
}

/** The error and those found with it, in the order in which they stand in their file. */
export function allErrors(error: UserError): readonly UserError[] {
  return [error, ...error.also.flatMap((other) => allErrors(other))];
}

/** Throws one error that carries all of them; does nothing for an empty list. */
export function throwAll(errors: readonly UserError[]): void {
  const order = (error: UserError) => (error.where.line ?? 0) * 1e6 + (error.where.column ?? 0);
  const [first, ...others] = [...new Set(errors.flatMap(allErrors))].toSorted((a, b) => order(a) - order(b));
  if (first === undefined) return;
  throw new UserError({
    code: first.code,
    message: first.message,
    where: first.where,
    also: others.map((other) => new UserError({ ...describe(other), where: other.where })),
    ...optional('expected', first.expected),
    ...optional('hint', first.hint),
  });
}

/** One error as plain data, for `--json`. */
export function describe(error: UserError): {
  readonly code: ErrorCode;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly field?: string;
  readonly expected?: string;
  readonly hint?: string;
} {
  return {
    code: error.code,
    ...error.where,
    message: error.message,
    ...optional('expected', error.expected),
    ...optional('hint', error.hint),
  };
}

/**
 * `file:line:column: field: message`, then `expected …` and the hint on lines of their own.
 * Characters that steer a terminal are shown as escapes: file content is repeated in messages.
 */
export function format(error: UserError): string {
  const { file, line, column, field } = error.where;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const head = [place, field, error.message].filter((part) => part !== undefined && part !== '').join(': ');
  const lines = [head];
  if (error.expected !== undefined) lines.push(`  expected ${error.expected}`);
  if (error.hint !== undefined) lines.push(`  ${error.hint}`);
  return lines.map(visible).join('\n');
}

function visible(text: string): string {
  // eslint-disable-next-line no-control-regex -- those are what is replaced
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function optional<Name extends string>(name: Name, value: string | undefined): { readonly [K in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]?: string });
}
