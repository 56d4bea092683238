import type { Study, Sweep } from '../contracts/study.js';
import type { workloadsOf } from './plan.js';
import type { PreparedStudy } from './prepare.js';
import type { RunTask } from './run-task.js';

/** One workload with some of its parameters at other values, in the parameters' own units. */
export interface VariedWorkload {
  readonly workload: string;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Draw 0 of a workload with some parameters at other values and all else as in the study: a task for each alternative. Each has the seed
 * and the costs of the study's own draw 0, so that a task at the study's own values is the study's own, and the same random numbers
 * meet every value.
 */
export const variedTasks = (
  study: Study,
  named: ReturnType<typeof workloadsOf>,
  plan: PreparedStudy['plan'],
): ((varied: VariedWorkload) => readonly RunTask[]) => {
  const once: Study = { ...study, draws: 1 };
  return ({ workload, values }) => {
    const { loaded, parameters } = named.find((each) => each.loaded.workload.id === workload)!;
    return plan({ ...once, workloads: [{ id: workload, parameters: { ...parameters, ...values } }] }, [loaded]);
  };
};

/** Every point of a sweep's grid by its values, the first axis going round fastest. */
export const pointsOf = ({ axes }: Sweep): readonly (readonly number[])[] =>
  axes.reduce<readonly (readonly number[])[]>(
    (points, { values }) => values.flatMap((value) => points.map((point) => [...point, value])),
    [[]],
  );

/** The parameters at a point. */
export const valuesAt = ({ parameters, axes }: Sweep, point: readonly number[]): Readonly<Record<string, number>> => ({
  ...parameters,
  ...Object.fromEntries(axes.map(({ parameter }, at) => [parameter, point[at]])),
});
