import type { CostInput } from '../contracts/run.js';
import { EVENT_TITLES, type EventCosts, eventsIn } from '../engine/index.js';
import type { PlatformFile } from '../input/platform.js';
import { latinHypercube, splitLogUniform } from '../sampling/index.js';

/**
 * The platform's costs with the factor of each draw. Draw 0 has the costs as they stand; the others have one point each
 * of a Latin hypercube over all ranges, log-uniform on either side of the stated value.
 */
export const drawCosts = (platform: PlatformFile, seed: number, draws: number): readonly CostInput[] =>
  eventsIn(platform.amounts.scheme).map((event) => {
    const { value, low, high, unit, source, assumed } = platform.costs[event];
    const points = latinHypercube(seed, `cost/${platform.id}/${event}`, Math.max(0, draws - 1));
    const factors = [
      1,
      ...Array.from(points, (point) => (value === 0 ? 1 : splitLogUniform(point, low, value, high) / value)),
    ];
    return { event, title: EVENT_TITLES[event], value, low, high, unit, source, assumed, factors };
  });

/** Nanoseconds of each event in one draw. */
export const costsOfDraw = (platform: PlatformFile, costs: readonly CostInput[], draw: number): EventCosts =>
  Object.fromEntries(
    costs.map(({ event, value, factors }) => [event, value * factors[draw] * platform.costs[event].unitNs]),
  );
