import type { FlipAxis } from '../contracts/flip.js';
import type { Study } from '../contracts/study.js';
import { UserError } from '../input/user-error.js';
import type { FlipRuns } from '../runner/index.js';
import { scaleOf } from '../sampling/index.js';
import { requireParameter, quantityOf } from './named-parameter.js';

type VariedWorkload = FlipRuns['workloads'][number];
/** A parameter without a range of its own is looked at from a tenth to ten times the study's value. */
const decade = 10;

/** What to search, and whether somebody named it. */
export interface ChosenAxes {
  readonly axes: readonly FlipAxis[];
  readonly named: boolean;
}

/**
 * The parameters that the caller asks for, else those that the study names, else all numeric parameters of workloads that a criterion or a
 * gate looks at. UserError for a name or range that there is not.
 * @param asked `workload:parameter` or `workload:parameter=from..to`.
 */
export function chooseAxes(study: Study, workloads: readonly VariedWorkload[], asked: readonly string[]): ChosenAxes {
  if (asked.length > 0) return { named: true, axes: asked.map((text) => askedAxis(text, workloads)) };
  if (study.flips !== undefined) {
    const axes = study.flips.map(({ workload, parameter, low, high }) =>
      axisOf(
        workloads.find((each) => each.workload.id === workload)!,
        parameter,
        { low, high, range: 'study' },
      ),
    );
    return { named: true, axes };
  }
  const used = new Set(
    [...study.criteria, ...study.gates].flatMap((each) => ('workload' in each ? [each.workload] : [])),
  );
  const axes = workloads
    .filter(({ workload }) => used.has(workload.id))
    .flatMap((each) =>
      Object.keys(each.workload.parameters).flatMap((parameter) => {
        const range = usualRange(each, parameter);
        return range.low < range.high ? [axisOf(each, parameter, { ...range, range: 'default' })] : [];
      }),
    );
  return { named: false, axes };
}

function axisOf(
  { workload, parameters }: VariedWorkload,
  parameter: string,
  range: Pick<FlipAxis, 'low' | 'high' | 'range'>,
): FlipAxis {
  const { title, unit } = workload.parameters[parameter];
  return {
    workload: workload.id,
    parameter,
    title: title ?? parameter,
    unit,
    ...range,
    nominal: parameters[parameter],
    scale: scaleOf(range.low, range.high),
    whole: unit === '',
  };
}

function usualRange({ workload, parameters }: VariedWorkload, parameter: string) {
  const { min = 0, max = Infinity } = workload.parameters[parameter];
  const nominal = parameters[parameter];
  if (nominal === 0) return { low: min, high: Number.isFinite(max) ? max : min };
  return { low: Math.max(min, nominal / decade), high: Math.min(max, nominal * decade) };
}

function askedAxis(text: string, workloads: readonly VariedWorkload[]): FlipAxis {
  const [, name = text, from, to] = /^([^=]*)(?:=(.+?)\.\.(.+))?$/u.exec(text) ?? [];
  const { each, parameter } = requireParameter(name, workloads);
  if (from === undefined || to === undefined) {
    const { low, high } = usualRange(each, parameter);
    return axisOf(each, parameter, { low, high, range: 'default' });
  }
  const [low, high] = [from, to].map((end) => quantityOf(end, each, parameter));
  if (low < high) return axisOf(each, parameter, { low, high, range: 'asked' });
  throw new UserError({ code: 'usage', message: `${from}..${to} is no range`, expected: `more than ${from}` });
}
