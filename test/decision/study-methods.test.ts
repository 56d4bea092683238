import { describe, expect, test } from 'vitest';
import type { DecisionTable } from '../../contracts/decision-table.js';
import type { Study } from '../../contracts/study.js';
import type { ValueShape } from '../../contracts/value-shape.js';
import type { Weighting } from '../../contracts/weighting.js';
import { analyse, compareResults, decide, standingsOf } from '../../decision/index.js';
import { criterion } from './table/example.js';
import { judged, measured, runOf, studyOf } from './example.js';

/** A study of two measured criteria and the decision table of the same figures. */
const figures = { a: [0.9, 0.2], b: [0.5, 0.6], c: [0.1, 1] } as const;
const runs = Object.entries(figures).map(([id, [x, y]]) => runOf(id, { x, y }));
const base = studyOf({
  alternatives: Object.keys(figures),
  criteria: [measured('x'), measured('y')],
  points: { one: [50, 50] },
  samples: 512,
});
const withWeights = (weights: Weighting, study: Study = base): Study => ({
  ...study,
  profiles: study.profiles.map((profile) => ({ ...profile, weights })),
});
const withValue = (value: ValueShape): Study => ({ ...base, criteria: [measured('x', value), measured('y', value)] });
const tableOf = (weights: Weighting, value: ValueShape): DecisionTable => ({
  title: 'same',
  seed: base.seed,
  samples: base.samples,
  alternatives: Object.keys(figures).map((id) => ({ id, title: id })),
  criteria: [0, 1].map((at) =>
    criterion(
      ['x', 'y'][at],
      Object.values(figures).map((row) => row[at]),
      value,
    ),
  ),
  gates: [],
  profiles: [{ id: 'one', title: 'one', weights, within: {} }],
});

const linear: ValueShape = { kind: 'linear', better: 'higher', worst: 0, best: 1 };

describe('a study and a decision table of the same figures say the same', () => {
  test.each<[string, Weighting]>([
    ['points with a spread', { kind: 'points', points: { x: 60, y: 40 }, spread: 0.5 }],
    [
      'ranges',
      { kind: 'ranges', ranges: { x: { low: 30, likely: 60, high: 80 }, y: { low: 20, likely: 40, high: 70 } } },
    ],
    ['an order', { kind: 'order', places: [['x'], ['y']] }],
    ['swings', { kind: 'swing', swings: { x: 100, y: 70 }, spread: 0.3 }],
    ['pairs', { kind: 'pairwise', pairs: [['x', 'y', 2]], randomIndex: 'Saaty 2005', spread: 0.3 }],
    ['nothing', { kind: 'unknown' }],
  ])('weighed by %s', (_, weights) => {
    const [ofStudy] = decide(withWeights(weights, withValue(linear)), runs).profiles;
    const [ofTable] = analyse(tableOf(weights, linear)).profiles;
    expect(ofStudy).toEqual(ofTable);
  });

  test.each<[string, ValueShape]>([
    ['linear between stated ends', { kind: 'linear', better: 'lower', worst: 2, best: 0 }],
    ['linear between the ends of the data', { kind: 'linear', better: 'higher', worst: null, best: null }],
    ['exponential', { kind: 'exponential', better: 'higher', worst: 0, best: 2, half: 0.4 }],
  ])('valued %s', (_, value) => {
    const weights: Weighting = { kind: 'points', points: { x: 50, y: 50 }, spread: 0 };
    const ofStudy = decide(withValue(value), runs);
    const ofTable = analyse(tableOf(weights, value));
    expect(ofStudy.criteria).toEqual(ofTable.criteria.map(({ group: _group, ...rest }) => rest));
    expect(ofStudy.profiles[0].alternatives).toEqual(ofTable.profiles[0].alternatives);
  });
});

describe('exact odds, where two criteria allow it', () => {
  const exactOf = (weights: Weighting, study: Study = withValue(linear)) => {
    const [{ exactOdds, alternatives }] = decide(withWeights(weights, { ...study, samples: 4096 }), runs).profiles;
    return { exactOdds, sampled: alternatives.map(({ ranks }) => ranks![0]) };
  };

  test('nothing known of the weights: a leads b from w = 1/2 on, and b leads c down to it', () => {
    const { exactOdds, sampled } = exactOf({ kind: 'unknown' });
    expect(exactOdds!.map(({ share }) => Number(share.toFixed(12)))).toEqual([0.5, 0, 0.5]);
    sampled.forEach((odds, at) => expect(Math.abs(odds - exactOdds![at].share)).toBeLessThan(0.01));
  });

  test('an order: the weight of the first is uniform from one half on', () => {
    const study = { ...withValue(linear), criteria: [measured('x', linear), measured('y', linear)] };
    const ahead = [runOf('a', { x: 0.9, y: 0.1 }), runOf('b', { x: 0.5, y: 0.8 }), runOf('c', { x: 0, y: 0 })];
    // 0.9 w + 0.1 (1 − w) = 0.5 w + 0.8 (1 − w) at w = 7 / 11.
    const weights = { kind: 'order', places: [['x'], ['y']] } as const;
    const [{ exactOdds, alternatives }] = decide(withWeights(weights, { ...study, samples: 4096 }), ahead).profiles;
    expect(exactOdds![0].share).toBeCloseTo((1 - 7 / 11) / 0.5, 12);
    expect(Math.abs(alternatives[0].ranks![0] - exactOdds![0].share)).toBeLessThan(0.01);
  });

  test('are not there where a figure is uncertain, weights are drawn otherwise, or criteria are more', () => {
    expect(exactOf({ kind: 'points', points: { x: 50, y: 50 }, spread: 1 }).exactOdds).toBeNull();
    const uncertain = { a: [0.1, 0.2, 0.3], b: [0, 0, 0], c: [0, 0, 0] } as const;
    expect(
      exactOf({ kind: 'unknown' }, { ...base, criteria: [measured('x'), judged('y', uncertain)] }).exactOdds,
    ).toBeNull();
    expect(exactOf({ kind: 'unknown' }, { ...base, criteria: [...base.criteria, measured('z')] }).exactOdds).toBeNull();
  });
});

describe('figures, judgements, costs and weights are drawn at once', () => {
  /** One alternative leads by a little; each kind of uncertainty alone takes the lead away in some samples, and none does without. */
  const oddsWith = (uncertain: { readonly costs?: true; readonly judgement?: true; readonly weights?: true }) => {
    const range = uncertain.judgement ? ([0, 0.5, 1] as const) : ([0.5, 0.5, 0.5] as const);
    const study = studyOf({
      alternatives: ['a', 'b'],
      criteria: [measured('x'), judged('y', { a: [0.5, 0.5, 0.5], b: range })],
      points: { one: [50, 50] },
      spread: uncertain.weights ? 1 : 0,
      draws: 5,
      samples: 512,
    });
    const drawn = [0, 1, 2, 3, 4].flatMap((draw) => [
      runOf('a', { x: uncertain.costs && draw > 2 ? 0.4 : 0.6 }, { draw }),
      runOf('b', { x: 0.5 }, { draw }),
    ]);
    const judgedLess = uncertain.weights
      ? { ...study, criteria: [study.criteria[0], judged('y', { a: [0.4, 0.4, 0.4], b: [0.48, 0.48, 0.48] })] }
      : study;
    return decide(judgedLess, drawn).profiles[0].alternatives[0].ranks![0];
  };

  test('none: a is first for certain', () => {
    expect(oddsWith({})).toBe(1);
  });

  test.each([{ costs: true }, { judgement: true }, { weights: true }] as const)(
    '%j alone leaves it open',
    (uncertain) => {
      expect(oddsWith(uncertain)).toBeGreaterThan(0.05);
      expect(oddsWith(uncertain)).toBeLessThan(0.95);
    },
  );

  test('costs and a judgement together: half of the draws lose against half of the triangle', () => {
    // Ahead by 0.1 the judgement of b has to exceed 0.6, which it does in 2 × 0.4² = 0.32; behind by 0.1 it has to stay below 0.4.
    expect(oddsWith({ costs: true, judgement: true })).toBeCloseTo((1 - 0.32 + 0.32) / 2, 1);
  });
});

describe('ends from the data', () => {
  const free: ValueShape = { kind: 'linear', better: 'lower', worst: null, best: null };

  test('are the worst and best figure in any draw of any alternative, and it is told that they are', () => {
    const study = {
      ...studyOf({ alternatives: ['a', 'b'], criteria: [measured('x', free)], points: { one: [100] }, draws: 3 }),
    };
    const drawn = [4, 2, 9].flatMap((x, draw) => [runOf('a', { x }, { draw }), runOf('b', { x: 5 }, { draw })]);
    const [x] = decide(study, drawn).criteria;
    expect([x.worst, x.best]).toEqual([
      { at: 9, from: 'data' },
      { at: 2, from: 'data' },
    ]);
    expect(x.cells[0].value.nominal).toBeCloseTo(5 / 7, 12);
  });

  test('of a judged criterion are those of the ranges', () => {
    const study = studyOf({
      alternatives: ['a', 'b'],
      criteria: [judged('x', { a: [2, 3, 4], b: [1, 3, 3] }, { ...free, best: 0 })],
      points: { one: [100] },
    });
    const [x] = decide(study, []).criteria;
    expect([x.worst, x.best]).toEqual([
      { at: 4, from: 'data' },
      { at: 0, from: 'stated' },
    ]);
  });

  test('stay where the study has them when a workload’s parameter is varied', () => {
    const study = studyOf({ alternatives: ['a', 'b'], criteria: [measured('x', free)], points: { one: [100] } });
    const own = [runOf('a', { x: 2 }), runOf('b', { x: 6 })];
    const standing = standingsOf(study, own);
    expect(standing(0, own).scores).toEqual({ a: 1, b: 0 });
    expect(standing(1, [runOf('a', { x: 3 }), runOf('b', { x: 4 })]).scores).toEqual({ a: 0.75, b: 0.5 });
  });
});

describe('weights of groups', () => {
  const tree = [{ id: 'g', criteria: [{ id: 'x' }, { id: 'y' }] }, { id: 'z' }];
  const study: Study = {
    ...studyOf({
      alternatives: ['a', 'b'],
      criteria: [measured('x'), measured('y'), measured('z')],
      points: { one: [0, 0, 0] },
    }),
    tree,
  };
  const grouped: Study = {
    ...study,
    profiles: [
      {
        ...study.profiles[0],
        weights: { kind: 'points', points: { g: 60, z: 40 }, spread: 0 },
        within: { g: { kind: 'pairwise', pairs: [['x', 'y', 3]], randomIndex: 'Saaty 1980', spread: 0 } },
      },
    ],
  };

  test('are multiplied by weights within them, and comparisons come with their consistency', () => {
    const { weights, consistency } = decide(grouped, []).profiles[0];
    expect(weights.map(({ criterion: id, weight }) => [id, Number(weight.toFixed(12))])).toEqual([
      ['x', 0.45],
      ['y', 0.15],
      ['z', 0.4],
    ]);
    expect(consistency).toMatchObject([{ group: 'g', ratio: 0, randomIndex: 'Saaty 1980' }]);
  });

  test('need a tree that holds every criterion once', () => {
    expect(() => decide({ ...grouped, tree: tree.slice(0, 1) }, [])).toThrow(/hold every criterion/);
    const { tree: _, ...without } = grouped;
    expect(() => decide(without, [])).toThrow(/no tree/);
  });
});

describe('a comparison of two result sets', () => {
  const manifest = {
    study: 'example',
    engineVersion: '1',
    platform: { id: 'none', title: 'None', models: {}, settings: [] },
    costs: [],
    workloads: [],
    inputs: {},
    command: '',
  };
  const set = (study: Study) => ({ study, manifest, runs });

  test('names the way to weigh that changed', () => {
    const { differences } = compareResults(
      set(withWeights({ kind: 'order', places: [['x'], ['y']] })),
      set(withWeights({ kind: 'swing', swings: { y: 100, x: 50 }, spread: 0.1 })),
    );
    expect(differences[0]).toMatchObject({
      kind: 'weights',
      details: ['order x > y; then swings x 50, y 100, spread 0.1'],
    });
  });

  test('names the value function that changed', () => {
    const { differences } = compareResults(
      set({ ...base, criteria: [measured('x', linear), base.criteria[1]] }),
      set({ ...base, criteria: [measured('x', { ...linear, worst: null }), base.criteria[1]] }),
    );
    expect(differences[0].details).toEqual([
      'linear, worst 0, best 1, higher is better; then linear, worst from the data, best 1, higher is better',
    ]);
  });
});
