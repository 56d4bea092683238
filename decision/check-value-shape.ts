import type { ValueShape } from '../contracts/value-shape.js';

/** How near to an end the half may be, as a share of the way. */
const NEAREST = 0.002;

/**
 * Refuses a value function that has no value for some figure.
 * @throws RangeError that names the criterion.
 */
export const checkValueShape = (id: string, value: ValueShape): void => {
  if (value.kind === 'piecewise') {
    if (value.points.length === 0) throw new RangeError(`the value function of ${id} has no points`);
    value.points.forEach(({ at, value: reached }, i) => {
      if (!Number.isFinite(at) || (i > 0 && !(at > value.points[i - 1].at)))
        throw new RangeError(`the points of ${id} do not ascend at ${at}`);
      if (!(reached >= 0 && reached <= 1))
        throw new RangeError(`criterion ${id} has a value outside 0 to 1: ${reached}`);
    });
    return;
  }
  const { worst, best, better } = value;
  for (const end of [worst, best]) {
    if (end !== null && !Number.isFinite(end)) throw new RangeError(`an end of criterion ${id} is no finite number`);
  }
  if (worst !== null && best !== null && (better === 'higher' ? worst >= best : worst <= best))
    throw new RangeError(`criterion ${id} is better when ${better}, and goes from worst ${worst} to best ${best}`);
  if (value.kind !== 'exponential') return;
  const share = (value.half - value.worst) / (value.best - value.worst);
  if (!(share >= NEAREST && share <= 1 - NEAREST))
    throw new RangeError(`the half of criterion ${id} lies between its ends, not at ${value.half}`);
};
