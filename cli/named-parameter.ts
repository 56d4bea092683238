import { didYouMean, oneOf } from '../input/nearest.js';
import { parseQuantity } from '../input/units.js';
import { UserError } from '../input/user-error.js';
import type { Workload } from '../workloads/workload.js';

/** What is found by `workload:parameter`. */
interface KnownWorkload {
  readonly workload: Workload;
}

/** The workload and the parameter that `workload:parameter` names. UserError when there is none. */
export function requireParameter<T extends KnownWorkload>(
  name: string,
  workloads: readonly T[],
): { readonly each: T; readonly parameter: string } {
  const split = name.lastIndexOf(':');
  const [id, parameter] = [name.slice(0, Math.max(0, split)), name.slice(split + 1)];
  const each = workloads.find(({ workload }) => workload.id === id);
  if (each !== undefined && Object.hasOwn(each.workload.parameters, parameter)) return { each, parameter };
  const known = workloads.flatMap(({ workload }) =>
    Object.keys(workload.parameters).map((key) => `${workload.id}:${key}`),
  );
  const hint = didYouMean(name, known);
  throw new UserError({
    code: 'usage',
    message: `there is no parameter "${name}"`,
    expected: oneOf(known),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A quantity of the parameter; a bare number is in its own unit. UserError for one that does not fit. */
export function quantityOf(text: string, { workload }: KnownWorkload, parameter: string): number {
  const { unit, min = 0, max = Infinity } = workload.parameters[parameter];
  const bare = /^[\d._eE+-]+$/u.test(text) ? `${text} ${unit}`.trim() : text;
  const parsed = parseQuantity(bare, unit);
  const fault = { code: 'usage', where: { file: `${workload.id}:${parameter}` } } as const;
  if (!parsed.ok) throw new UserError({ ...fault, message: parsed.message, expected: parsed.expected });
  if (parsed.value >= min && parsed.value <= max) return parsed.value;
  throw new UserError({ ...fault, message: `"${text}" is out of range`, expected: `${min} to ${max} ${unit}`.trim() });
}
