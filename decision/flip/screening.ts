import type { FlipAxis, FlipPoint, ScreenedParameter } from '../../contracts/flip.js';
import { gridOf } from '../../sampling/index.js';
import type { FlipEvaluator, SearchLimits } from './search.js';
import { leadOf } from './standing.js';

/** A lead that moves by no more than this does not depend on the parameter. */
const noEffect = 1e-12;

export interface Screening {
  /** Most telling first. */
  readonly screened: readonly ScreenedParameter[];
  readonly unscreened: readonly FlipAxis[];
  readonly runs: number;
}

/**
 * Looks at each parameter alone, at the ends and in the middle of its range, all others as in the study, and picks those that bring the
 * preferred alternative nearest to losing its lead; of equals those that move it more. One that does not move it is never picked.
 * What two parameters do together is not seen.
 * @param nominal the standing at the study's own values.
 * @param count how many to pick.
 */
export async function screenParameters(
  axes: readonly FlipAxis[],
  nominal: FlipPoint,
  evaluate: FlipEvaluator,
  limits: Pick<SearchLimits, 'budget' | 'runsAPoint'>,
  count: number,
): Promise<Screening> {
  const [favourite] = nominal.preferred;
  const looked: Omit<ScreenedParameter, 'chosen'>[] = [];
  const unscreened: FlipAxis[] = [];
  let runs = 0;
  for (const axis of axes) {
    const values = gridOf(axis, 2).filter((value) => value !== axis.nominal);
    const cost = values.length * limits.runsAPoint;
    if (runs + cost > limits.budget) {
      unscreened.push(axis);
      continue;
    }
    runs += cost;
    const points = [...(await evaluate(axis, values)), { ...nominal, at: axis.nominal }].toSorted(
      (a, b) => a.at - b.at,
    );
    const leads = points.filter(({ failure }) => failure === null).map((point) => leadOf(point, favourite ?? ''));
    const leastLead = Math.min(...leads);
    looked.push({ axis, points, leastLead, effect: Math.max(...leads) - leastLead });
  }
  const ordered = looked.toSorted(
    (a, b) => a.leastLead - b.leastLead || b.effect - a.effect || (nameOf(a.axis) < nameOf(b.axis) ? -1 : 1),
  );
  const chosen = new Set(ordered.filter(({ effect }) => effect > noEffect).slice(0, count));
  return { screened: ordered.map((each) => ({ ...each, chosen: chosen.has(each) })), unscreened, runs };
}

/** `workload:parameter`. */
export function nameOf({ workload, parameter }: Pick<FlipAxis, 'workload' | 'parameter'>): string {
  return `${workload}:${parameter}`;
}
