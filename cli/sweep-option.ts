import type { Study, Sweep } from '../contracts/study.js';
import { sweptValues } from '../input/study-sweeps.js';
import { UserError } from '../input/user-error.js';
import { scaleOf } from '../sampling/index.js';
import type { LoadedWorkload } from '../runner/index.js';
import type { Workload } from '../workloads/workload.js';
import { quantityOf, requireParameter } from './named-parameter.js';

const mostSteps = 64;
const form =
  'workload:parameter=from..to/steps, or workload:parameter=value,value; a second parameter follows after a comma';

/**
 * Sweeps that the caller asks for, each of a workload of the study or of the user's own.
 * @param asked `workload:parameter=values`, with `,parameter=values` for a second one. Values are `from..to/steps` or stand one by one.
 */
export function sweepsAsked(
  study: Study,
  workloads: readonly LoadedWorkload[],
  asked: readonly string[],
): readonly Sweep[] {
  const run = workloads.filter(
    ({ file, workload }) => file !== null || study.workloads.some(({ id }) => id === workload.id),
  );
  return asked.map((text, index) => sweepOf(study, run, text, `asked-${index + 1}`));
}

function sweepOf(study: Study, workloads: readonly LoadedWorkload[], text: string, id: string): Sweep {
  const [, name = '', rest] = /^([^=]*:[^=]*)=(.+)$/u.exec(text) ?? [];
  if (rest === undefined) throw new UserError({ code: 'usage', message: `"${text}" is no sweep`, expected: form });
  const { each, parameter } = requireParameter(name, workloads);
  const written: { readonly parameter: string; readonly values: string[] }[] = [{ parameter, values: [] }];
  for (const piece of rest.split(',')) {
    const [, next, first] = /^([A-Za-z_$][\w$]*)=(.*)$/u.exec(piece) ?? [];
    if (next === undefined || first === undefined) written.at(-1)!.values.push(piece.trim());
    else
      written.push({
        parameter: requireParameter(`${each.workload.id}:${next}`, workloads).parameter,
        values: [first],
      });
  }
  const names = written.map((axis) => axis.parameter);
  if (names.length > 2 || new Set(names).size < names.length)
    throw new UserError({
      code: 'usage',
      message: `"${text}" names ${names.join(', ')}`,
      expected: 'one parameter, or two',
    });
  const given = study.workloads.find((one) => one.id === each.workload.id)?.parameters ?? {};
  return {
    id,
    workload: each.workload.id,
    because: 'Asked for beside what the study names.',
    parameters: given,
    axes: written.map((axis) => ({ parameter: axis.parameter, values: valuesOf(axis.values, each, axis.parameter) })),
    metrics: metricsOf(study, each.workload),
  };
}

function valuesOf(pieces: readonly string[], each: LoadedWorkload, parameter: string): readonly number[] {
  const values = pieces.flatMap((piece) => {
    const [, from, to, steps] = /^(.+)\.\.(.+)\/(\d+)$/u.exec(piece) ?? [];
    if (from === undefined || to === undefined) return [quantityOf(piece, each, parameter)];
    const [low, high] = [from, to].map((end) => quantityOf(end, each, parameter));
    const count = Number(steps);
    if (low >= high || count < 2 || count > mostSteps) {
      const expected = `a range that goes up, in 2 to ${mostSteps} steps`;
      throw new UserError({ code: 'usage', message: `"${piece}" is no range in steps`, expected });
    }
    const whole = each.workload.parameters[parameter].unit === '';
    return sweptValues({ low, high, scale: scaleOf(low, high), whole }, count);
  });
  const distinct = [...new Set(values)].toSorted((a, b) => a - b);
  if (distinct.length > 1) return distinct;
  throw new UserError({ code: 'usage', message: `${parameter} has one value`, expected: 'two values or more' });
}

/** Those that the study weighs; of a workload that it does not weigh the first. */
function metricsOf({ criteria }: Study, { id, metrics }: Workload): readonly string[] {
  const weighed = criteria.flatMap((each) => (each.kind === 'measured' && each.workload === id ? [each.metric] : []));
  return weighed.length > 0 ? [...new Set(weighed)] : Object.keys(metrics).slice(0, 1);
}
