import { describe, expect, test } from 'vitest';
import type { FlipAxis } from '../../../contracts/flip.js';
import { findFlips, type FlipQuestion } from '../../../decision/flip/find-flips.js';
import type { FlipEvaluator } from '../../../decision/flip/search.js';
import { pointOf } from '../../../decision/flip/standing.js';

/** How the lead of `b` over `a` depends on each parameter; at 10, the value of the study, `a` leads by 0.2. */
const LEADS: Readonly<Record<string, (at: number) => number>> = {
  none: () => -0.2,
  weak: (at) => -0.2 + (at - 10) / 1000,
  near: (at) => -0.2 + ((at - 10) * 0.19) / 90,
  flips: (at) => -0.2 + (at - 10) / 100,
  back: (at) => -0.2 - (at - 10) / 1000,
};

const axes = Object.keys(LEADS).map((parameter): FlipAxis => ({
  workload: 'suite/load',
  parameter,
  title: parameter,
  unit: '',
  low: 1,
  high: 100,
  nominal: 10,
  scale: 'linear',
  whole: false,
  range: 'default',
}));

const evaluate: FlipEvaluator = (axis, values) =>
  Promise.resolve(values.map((at) => pointOf(at, { a: 0.5, b: 0.5 + LEADS[axis.parameter](at) })));

const question: FlipQuestion = {
  axes,
  named: false,
  nominal: pointOf(0, { a: 0.5, b: 0.3 }),
  budget: 1000,
  runsAPoint: 2,
  resolution: 0.01,
  parts: 8,
};

describe('the screening', () => {
  test('picks the three that bring the preferred alternative nearest to losing its lead, and none without effect', async () => {
    const { screened, searches } = await findFlips(question, evaluate);
    expect(screened.map(({ axis, chosen }) => [axis.parameter, chosen])).toEqual([
      ['flips', true],
      ['near', true],
      ['weak', true],
      ['back', false],
      ['none', false],
    ]);
    expect(screened[0].leastLead).toBeCloseTo(0.2 - 0.9, 12);
    expect(screened.at(-1)?.effect).toBe(0);
    expect(searches.map(({ axis, crossings }) => [axis.parameter, crossings.length])).toEqual([
      ['flips', 1],
      ['near', 0],
      ['weak', 0],
    ]);
    const [{ low, high }] = searches[0].crossings;
    expect(low).toBeLessThanOrEqual(30);
    expect(high).toBeGreaterThanOrEqual(30);
  });

  test('the order of the parameters changes nothing', async () => {
    const { screened } = await findFlips(question, evaluate);
    const turned = await findFlips({ ...question, axes: axes.toReversed() }, evaluate);
    expect(turned.screened).toEqual(screened);
  });

  test('what the screening ran is not run again, and everything stays within the budget', async () => {
    for (const budget of [0, 7, 20, 31, 50, 80, 1000]) {
      const asked: string[] = [];
      const counting: FlipEvaluator = (axis, values) => {
        asked.push(...values.map((value) => `${axis.parameter} ${value}`));
        return evaluate(axis, values);
      };
      const { runs } = await findFlips({ ...question, budget }, counting);
      expect(runs).toBeLessThanOrEqual(budget);
      expect(runs).toBe(2 * asked.length);
      expect(new Set(asked).size).toBe(asked.length);
    }
  });

  test('parameters that the budget does not reach are named', async () => {
    const { unscreened, screened } = await findFlips({ ...question, budget: 13 }, evaluate);
    expect(screened.map(({ axis }) => axis.parameter).toSorted()).toEqual(['none', 'weak']);
    expect(unscreened).toEqual(['suite/load:near', 'suite/load:flips', 'suite/load:back']);
  });

  test('parameters that were named are all searched, without a screening', async () => {
    const { screened, searches } = await findFlips({ ...question, named: true }, evaluate);
    expect([screened.length, searches.map(({ axis }) => axis.parameter)]).toEqual([0, Object.keys(LEADS)]);
  });
});
