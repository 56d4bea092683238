import { describe, expect, it } from 'vitest';
import { readPlatform } from '../../input/platform.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { costsOfDraw, drawCosts } from '../../runner/cost-draws.js';

const platform = readPlatform('platforms/ia64-2006.yaml', ENGINE_NAMES);

describe('cost draws', () => {
  const costs = drawCosts(platform, 42, 17);

  it('draw 0 has the costs as they stand, in nanoseconds', () => {
    const nominal = costsOfDraw(platform, costs, 0);
    expect(nominal.suspend).toBe(20e6);
    expect(nominal.access).toBeCloseTo(6 / 1.3, 9);
  });

  it('every other draw is inside the range, half of them on either side of the value', () => {
    for (const { value, low, high, factors } of costs) {
      const drawn = factors.slice(1).map((factor) => factor * value);
      for (const cost of drawn) {
        expect(cost).toBeGreaterThanOrEqual(low * 0.999_999);
        expect(cost).toBeLessThanOrEqual(high * 1.000_001);
      }
      expect(drawn.filter((cost) => cost <= value)).toHaveLength(8);
    }
  });

  it('a cost keeps its draws when another is added', () => {
    const fewer = { ...platform, costs: { ...platform.costs, access: { ...platform.costs['access'], high: 99 } } };
    const again = drawCosts(fewer, 42, 17);
    expect(again.filter(({ event }) => event !== 'access')).toEqual(costs.filter(({ event }) => event !== 'access'));
  });

  it('a cost without a measurement is marked as assumed and has a wide range', () => {
    for (const { assumed, low, high, event } of costs) {
      if (assumed) expect(high / low, event).toBeGreaterThanOrEqual(4);
    }
  });
});
