import { describe, expect, it } from 'vitest';
import type { CostInput } from '../../../contracts/run.js';
import type { ProfileAnalysis } from '../../../contracts/decision-analysis.js';
import { decide, whyNotDefined } from '../../../decision/index.js';
import { finding, gate, judged, measured, runOf, studyOf } from '../example.js';

/** Two alternatives: `fast` is ahead in speed, `easy` in ease, which is judged. */
const study = studyOf({
  alternatives: ['fast', 'easy'],
  criteria: [measured('speed'), judged('ease', { fast: [0.2, 0.4, 0.6], easy: [0.8, 0.8, 0.8] })],
  points: { only: [60, 40] },
  spread: 0.5,
  draws: 9,
  samples: 2048,
});

/** The speed of `fast` grows with the draw: one cost makes it so, and the other has no say. */
const factorOf = (draw: number): number => (draw === 0 ? 1 : draw / 5);
const runs = Array.from({ length: 9 }, (_, draw) => [
  runOf('fast', { speed: draw === 0 ? 0.8 : 0.8 + (0.5 * Math.log(factorOf(draw))) / Math.log(5) }, { draw }),
  runOf('easy', { speed: 0.5 }, { draw }),
]).flat();

const cost = (event: string, factors: readonly number[]): CostInput => ({
  event,
  title: `One ${event}`,
  value: 1,
  low: 0.25,
  high: 4,
  unit: 'ns',
  source: '',
  assumed: true,
  factors,
});
const costs = [
  cost(
    'decisive',
    Array.from({ length: 9 }, (_, draw) => factorOf(draw)),
  ),
  cost('idle', [1, 3, 1, 3, 1, 1, 3, 1, 3]),
  {
    ...cost(
      'known',
      Array.from({ length: 9 }, () => 1),
    ),
    low: 1,
    high: 1,
  },
];

const analysis = decide(study, runs, costs).profiles[0].analysis!;
const input = (found: ProfileAnalysis, id: string) => found.information.inputs.find((each) => each.input === id)!;

describe('what a study says beyond its odds', () => {
  it('pairs: both orders, which together are 1', () => {
    const { pairwise } = analysis.acceptability;
    expect(pairwise.map(({ alternative, over }) => `${alternative}>${over}`)).toEqual(['easy>fast', 'fast>easy']);
    expect(pairwise[0].share + pairwise[1].share).toBeCloseTo(1, 12);
  });

  it('central weights: who prefers `easy` gives ease more than who prefers `fast`', () => {
    const ease = analysis.acceptability.central.map(({ weights }) => weights![0]);
    expect(ease.map(({ criterion }) => criterion)).toEqual(['ease', 'ease']);
    expect(ease[0].weight).toBeGreaterThan(ease[1].weight);
  });

  it('the largest rank entropy of two alternatives is 1 bit', () => {
    expect(analysis.acceptability.largestEntropy).toBe(1);
    expect(analysis.acceptability.rankEntropy).toBeLessThanOrEqual(1);
  });

  it('convergence ends at the odds of the winner', () => {
    const { convergence } = analysis.acceptability;
    expect(convergence.odds.at(-1)).toBeCloseTo(decide(study, runs, costs).profiles[0].odds, 12);
    expect(convergence.samples.at(-1)).toBe(2048);
  });

  it('break-even in closed form: 0.3 w = 0.4 (1 − w) at w = 4/7', () => {
    const speed = analysis.breakEvens.find(({ criterion }) => criterion === 'speed')!;
    expect(speed).toMatchObject({ weight: 0.6, above: null, below: { alternative: 'easy' } });
    expect(speed.below!.weight).toBeCloseTo(4 / 7, 12);
    expect(analysis.nearestFlip!.change).toBeCloseTo(2 * (0.6 - 4 / 7), 12);
  });

  it('tornado: the lead at both ends of a judgement, and the widest bar first', () => {
    const { first, lead, bars } = analysis.tornado!;
    expect(first).toBe('fast');
    expect(lead).toBeCloseTo(0.6 * 0.3 - 0.4 * 0.4, 12);
    const ease = bars.find((bar) => bar.input === 'judgement/ease/fast')!;
    expect(ease.leadAtLow).toBeCloseTo(0.18 - 0.4 * 0.6, 12);
    expect(ease.leadAtHigh).toBeCloseTo(0.18 - 0.4 * 0.2, 12);
    expect([ease.firstAtLow, ease.firstAtHigh]).toEqual(['easy', 'fast']);
    const swings = bars.map(({ leadAtLow, leadAtHigh }) => Math.abs(leadAtHigh - leadAtLow));
    expect(swings).toEqual(swings.toSorted((a, b) => b - a));
    expect(bars.map((bar) => bar.input).toSorted()).toEqual([
      'costs',
      'judgement/ease/fast',
      'weight/only/ease',
      'weight/only/speed',
    ]);
  });

  it('a cost that decides is worth knowing, nearly as much as all costs; one that has no say is not', () => {
    const [decisive, idle, all] = ['cost/decisive', 'cost/idle', 'costs'].map((id) => input(analysis, id));
    expect(decisive.value).toBeGreaterThan(2 * decisive.error);
    expect(decisive.value).toBeCloseTo(all.value, 3);
    expect(idle.value).toBeLessThanOrEqual(2 * idle.error);
    expect(all.value).toBeLessThanOrEqual(analysis.information.evpi + 1e-12);
    expect(input(analysis, 'cost/known')).toBeUndefined();
  });

  it('each input says what narrows it, and the estimator of its figure', () => {
    const { inputs } = decide(study, runs, costs);
    for (const { input: id, estimator } of analysis.information.inputs) {
      expect(inputs.find((each) => each.id === id)!.narrow).toMatch(/^[A-Z].*\.$/u);
      expect(estimator).not.toBe('');
    }
    expect(inputs.find(({ id }) => id === 'cost/decisive')!.narrow).toContain('One decisive');
    expect(inputs.map(({ id }) => id)).toEqual([...new Set(inputs.map(({ id }) => id))].toSorted());
  });

  it('a judgement that is exact is no uncertain input, and weights without spread are none', () => {
    expect(input(analysis, 'judgement/ease/easy')).toBeUndefined();
    const exact = {
      ...study,
      profiles: study.profiles.map((profile) => ({
        ...profile,
        weights: { kind: 'points' as const, points: { speed: 60, ease: 40 }, spread: 0 },
      })),
    };
    const ids = decide(exact, runs).profiles[0].analysis!.information.inputs.map((each) => each.input);
    expect(ids.some((id) => id.startsWith('weight/'))).toBe(false);
  });
});

describe('who dominates', () => {
  const rows = { strong: [0.9, 0.9], weak: [0.5, 0.5], other: [0.1, 1] } as const;
  const table = studyOf({
    alternatives: Object.keys(rows),
    criteria: [measured('x'), measured('y')],
    points: { one: [50, 50] },
    draws: 3,
  });
  const made = (weakest: number) =>
    Object.entries(rows).flatMap(([id, [x, y]]) =>
      [0, 1, 2].map((draw) => runOf(id, { x: id === 'weak' && draw === 2 ? weakest : x, y }, { draw })),
    );

  it('is told apart from who does so in every sample', () => {
    expect(decide(table, made(0.5)).dominance.find(({ alternative }) => alternative === 'weak')).toEqual({
      alternative: 'weak',
      by: ['strong'],
      inEverySample: ['strong'],
    });
    expect(decide(table, made(0.95)).dominance.find(({ alternative }) => alternative === 'weak')).toEqual({
      alternative: 'weak',
      by: ['strong'],
      inEverySample: [],
    });
  });
});

describe('defined outcomes', () => {
  it('all gates failed: no analysis, no weights from data, nobody dominates', () => {
    const gated = studyOf({
      alternatives: ['a', 'b'],
      criteria: [measured('x')],
      points: { one: [100] },
      gates: [gate('migrate')],
    });
    const failed = ['a', 'b'].map((id) => runOf(id, { x: 1 }, { findings: [finding('migrate')] }));
    const { profiles, dominance, dataWeights } = decide(gated, failed);
    expect(profiles[0]).toMatchObject({ winner: null, strength: 'open', analysis: null });
    expect([dominance, dataWeights]).toEqual([[], null]);
  });

  it('one alternative: first by every method that has a result, no tornado, information worth nothing', () => {
    const alone = studyOf({ alternatives: ['a'], criteria: [measured('x'), measured('y')], points: { one: [50, 50] } });
    const { analysis: found } = decide(alone, [runOf('a', { x: 0.3, y: 0.6 })]).profiles[0];
    expect(found).toMatchObject({ tornado: null, nearestFlip: null, information: { evpi: 0, inputs: [] } });
    expect(found!.concordance.defined).toBe(found!.concordance.agreeing);
    expect(found!.concordance.concordance).toBeNull();
    expect(found!.breakEvens.every(({ below, above }) => below === null && above === null)).toBe(true);
  });

  it('ties: all are first by every method, rankings have no agreement to tell, and no entropy', () => {
    const tied = studyOf({ alternatives: ['a', 'b'], criteria: [measured('x')], points: { one: [100] } });
    const { analysis: found } = decide(
      tied,
      ['a', 'b'].map((id) => runOf(id, { x: 0.5 })),
    ).profiles[0];
    for (const { result } of found!.concordance.methods) {
      if ('notDefined' in result) throw new Error(result.notDefined);
      expect(result.first).toEqual(['a', 'b']);
      expect(result.agreement).toBeNull();
    }
    expect(found!.acceptability.rankEntropy).toBe(0);
    expect(found!.information.evpi).toBe(0);
  });

  it('a criterion with no measurement: methods on figures say which, and those on values go on', () => {
    const { analysis: found } = decide(
      studyOf({ alternatives: ['a', 'b'], criteria: [measured('x'), measured('y')], points: { one: [50, 50] } }),
      [runOf('a', { x: 0.5 }), runOf('b', { x: 0.7 })],
    ).profiles[0];
    const reasons = found!.concordance.methods.flatMap(({ result }) =>
      'notDefined' in result ? [whyNotDefined(result)] : [],
    );
    expect(new Set(reasons)).toEqual(new Set(['y: there is no figure under a']));
    expect(found!.concordance.defined).toBe(found!.concordance.methods.length - reasons.length);
    expect(found!.concordance.defined).toBeGreaterThan(3);
  });

  it('a value that rises and falls: methods on figures cannot tell which way is better', () => {
    const hill = measured('x', [
      { at: 0, value: 0 },
      { at: 1, value: 1 },
      { at: 2, value: 0 },
    ]);
    const { analysis: found } = decide(
      studyOf({ alternatives: ['a', 'b'], criteria: [hill], points: { one: [100] } }),
      [runOf('a', { x: 0.5 }), runOf('b', { x: 0.7 })],
    ).profiles[0];
    const sum = found!.concordance.methods.find(({ method }) => method === 'weighted sum')!;
    expect(sum.result).toEqual({ notDefined: 'more is neither better nor worse throughout', criterion: 'x' });
  });

  it('a constant column: no weight from data, no break-even by its own doing, and the others decide', () => {
    const { analysis: found } = decide(
      studyOf({ alternatives: ['a', 'b'], criteria: [measured('x'), measured('same')], points: { one: [50, 50] } }),
      [runOf('a', { x: 0.5, same: 0.4 }), runOf('b', { x: 0.7, same: 0.4 })],
    ).profiles[0];
    expect(found!.breakEvens.find(({ criterion }) => criterion === 'same')).toMatchObject({ below: null, above: null });
    for (const { result } of found!.concordance.methods)
      if (!('notDefined' in result)) expect(result.first).toEqual(['b']);
  });
});
