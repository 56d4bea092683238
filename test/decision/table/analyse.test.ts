import { describe, expect, it } from 'vitest';
import type { DecisionTable } from '../../../contracts/decision-table.js';
import { analyse, whyNotDefined } from '../../../decision/index.js';
import { type Figure, criterion, points, profile, tableOf } from './example.js';

const half = profile('half', points({ x: 50, y: 50 }));
const first = (table: DecisionTable) => analyse(table).profiles[0];
const scores = (table: DecisionTable) => first(table).alternatives.map(({ score }) => score.nominal);
const methods = (table: DecisionTable) => first(table).analysis!.concordance.methods;
const reasonOf = (table: DecisionTable, method: string, normalisation: string) => {
  const found = methods(table).find((each) => each.method === method && each.normalisation.startsWith(normalisation))!;
  return 'notDefined' in found.result ? whyNotDefined(found.result) : found.result.first.join();
};

describe('scores', () => {
  it('are weight times value, and contributions sum to them', () => {
    const found = first(
      tableOf([criterion('x', [0.2, 0.8]), criterion('y', [0.6, 0.1])], [profile('p', points({ x: 75, y: 25 }))]),
    );
    expect(found.alternatives.map(({ score }) => score.nominal)).toEqual([
      0.75 * 0.2 + 0.25 * 0.6,
      0.75 * 0.8 + 0.25 * 0.1,
    ]);
    for (const { alternative, score } of found.alternatives) {
      const parts = found.contributions.filter((part) => part.alternative === alternative);
      expect(parts.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(score.nominal, 12);
    }
    expect(found).toMatchObject({ winner: 'b', odds: 1, strength: 'clear' });
  });

  it('of groups: weights of groups times weights within', () => {
    const table = tableOf(
      [criterion('x', [1, 0]), { id: 'g', title: 'g', criteria: [criterion('y', [0, 1]), criterion('z', [0, 1])] }],
      [profile('p', points({ x: 40, g: 60 }), { g: { kind: 'swing', swings: { y: 100, z: 50 }, spread: 0 } })],
    );
    expect(first(table).weights.map(({ criterion, weight }) => [criterion, Number(weight.toFixed(12))])).toEqual([
      ['x', 0.4],
      ['y', 0.4],
      ['z', 0.2],
    ]);
    expect(analyse(table).criteria.map(({ group }) => group)).toEqual([[], ['g'], ['g']]);
  });

  it('by pairwise comparisons come with the consistency ratio and the table of it', () => {
    const pairs = [
      ['x', 'y', 3],
      ['x', 'z', 3],
      ['y', 'z', 2],
    ] as const;
    const table = tableOf(
      [criterion('x', [1, 0]), criterion('y', [0, 1]), criterion('z', [0, 1])],
      [profile('p', { kind: 'pairwise', pairs, randomIndex: 'Saaty 2005', spread: 0 })],
    );
    const [{ ratio, ...rest }] = first(table).consistency;
    expect(rest).toMatchObject({ group: null, randomIndex: 'Saaty 2005' });
    expect(ratio).toBeCloseTo(0.0516, 3);
  });
});

describe('odds', () => {
  it('under unknown weights of two criteria are exact, and samples agree', () => {
    const found = first(
      tableOf([criterion('x', [1, 0, 0.6]), criterion('y', [0, 1, 0.6])], [profile('p', { kind: 'unknown' })], {
        samples: 4096,
      }),
    );
    expect(found.exactOdds!.map(({ share }) => Number(share.toFixed(12)))).toEqual([0.4, 0.4, 0.2]);
    found.exactOdds!.forEach(({ alternative, share }) => {
      const { ranks } = found.alternatives.find((each) => each.alternative === alternative)!;
      expect(Math.abs(ranks![0] - share)).toBeLessThan(0.005);
    });
  });

  it('of a triangle against a point: P(X > 0.5) of (0, 0.5, 1) is a half, of (0, 0.2, 1) is 0.3125', () => {
    const odds = (figure: Figure) =>
      first(tableOf([criterion('x', [figure, 0.5])], [profile('p', points({ x: 100 }))], { samples: 8192 }))
        .alternatives[0].ranks![0];
    expect(Math.abs(odds([0, 0.5, 1]) - 0.5)).toBeLessThan(0.002);
    expect(Math.abs(odds([0, 0.2, 1]) - 0.25 / 0.8)).toBeLessThan(0.002);
  });

  it('with ordered weights: the first criterion alone decides where the others cannot outweigh it', () => {
    const order = profile('p', { kind: 'order', places: [['x'], ['y'], ['z']] });
    const found = first(tableOf([criterion('x', [1, 0]), criterion('y', [0, 0.9]), criterion('z', [0.1, 0])], [order]));
    expect(found).toMatchObject({ winner: 'a', odds: 1 });
    expect(found.weights.map(({ weight }) => Math.round(weight * 18))).toEqual([11, 5, 2]);
  });

  it('with ranges of weights lie on both sides where the ranges do', () => {
    const range = (low: number, likely: number, high: number) => ({ low, likely, high });
    const ranges = { kind: 'ranges', ranges: { x: range(20, 50, 80), y: range(20, 50, 80) } } as const;
    const { odds } = first(
      tableOf([criterion('x', [1, 0]), criterion('y', [0, 1])], [profile('p', ranges)], { samples: 4096 }),
    );
    expect(Math.abs(odds - 0.5)).toBeLessThan(0.01);
  });
});

describe('scales', () => {
  it('say which ends are stated and which come from the data, ends of ranges included', () => {
    const linear = { kind: 'linear', better: 'lower', worst: null, best: 1 } as const;
    const [x] = analyse(tableOf([criterion('x', [[2, 3, 7], 4], linear)], [profile('p', points({ x: 100 }))])).criteria;
    expect([x.worst, x.best]).toEqual([
      { at: 7, from: 'data' },
      { at: 1, from: 'stated' },
    ]);
    expect(x.cells[0].value.nominal).toBeCloseTo(4 / 6, 12);
  });

  it('exponential: 0 and 1 at the ends, one half where it is said to be, and as the formula between', () => {
    const exponential = { kind: 'exponential', better: 'lower', worst: 100, best: 0, half: 20 } as const;
    const [x] = analyse(
      tableOf([criterion('x', [100, 0, 20, 50, 200], exponential)], [profile('p', points({ x: 100 }))]),
    ).criteria;
    const values = x.cells.map(({ value }) => value.nominal);
    expect(values.slice(0, 3).map((value) => Number(value.toFixed(9)))).toEqual([0, 1, 0.5]);
    expect(values[4]).toBe(0);
    // With z = 0.8 at the half, u = e^(−c): u^0.8 = (1 + u) / 2. Then v(0.5) = (1 − √u) / (1 − u).
    let [low, high] = [1 + 1e-9, 1e9];
    for (let step = 0; step < 200; step += 1) {
      const u = Math.sqrt(low * high);
      if (u ** 0.8 > (1 + u) / 2) low = u;
      else high = u;
    }
    expect(values[3]).toBeCloseTo((1 - Math.sqrt(low)) / (1 - low), 6);
  });

  it('with the only stated end beyond all figures put them all at that end', () => {
    const at = (worst: number | null, best: number | null) =>
      scores(
        tableOf(
          [criterion('x', [3, 5], { kind: 'linear', better: 'higher', worst, best })],
          [profile('p', points({ x: 100 }))],
        ),
      );
    expect(at(null, 2)).toEqual([1, 1]);
    expect(at(9, null)).toEqual([0, 0]);
  });
});

describe('gates', () => {
  const table = (atLeast: number | null, atMost: number | null, figures: readonly Figure[]) =>
    tableOf([criterion('x', figures)], [profile('p', points({ x: 100 }))], {
      gates: [{ kind: 'limit', id: 'g', title: 'g', criterion: 'x', atLeast, atMost }],
    });

  it('hold for the whole range of a figure, and fail where there is none', () => {
    const { gates, profiles } = analyse(table(0.4, null, [[0.3, 0.9, 0.9], 0.5, null]));
    expect(gates.map(({ passed, reasons }) => [passed, ...reasons])).toEqual([
      [false, 'x may be 0.3 u, below 0.4 u'],
      [true],
      [false, 'x has no figure'],
    ]);
    expect(profiles[0].winner).toBe('b');
    expect(profiles[0].alternatives.map(({ ranks }) => ranks)).toEqual([null, [1], null]);
  });

  it('that all fail leave no winner, and nothing pretends', () => {
    const found = analyse(table(null, 0.1, [0.5, 0.6]));
    expect(found.profiles[0]).toMatchObject({ winner: null, odds: 0, strength: 'open', analysis: null });
    expect([found.dominance, found.dataWeights]).toEqual([[], null]);
  });

  it('may be stated, with the reason', () => {
    const gates = [{ kind: 'stated', id: 'g', title: 'g', fails: { b: 'no licence' } }] as const;
    const found = analyse({ ...table(null, 1, [0.2, 0.8]), gates });
    expect(found.gates[1]).toMatchObject({ passed: false, reasons: ['no licence'] });
    expect(found.profiles[0].winner).toBe('a');
  });
});

describe('defined outcomes', () => {
  it('ties: odds are shared, the name that comes first is named, and the verdict is open', () => {
    expect(first(tableOf([criterion('x', [0.5, 0.5]), criterion('y', [0.5, 0.5])], [half]))).toMatchObject({
      winner: 'a',
      odds: 0.5,
      strength: 'open',
    });
  });

  it('a constant column is told, and has the value 0 where its ends come from the data', () => {
    const linear = { kind: 'linear', better: 'higher', worst: null, best: null } as const;
    const found = analyse(tableOf([criterion('x', [3, 3], linear), criterion('y', [0, 1])], [half]));
    expect(found.criteria.map(({ constant }) => constant)).toEqual([true, false]);
    expect(found.profiles[0].alternatives.map(({ score }) => score.nominal)).toEqual([0, 0.5]);
  });

  it('one alternative is first for certain, and there is nothing to compare or to learn', () => {
    const found = first(tableOf([criterion('x', [0.5]), criterion('y', [[0, 0.5, 1]])], [half]));
    expect(found).toMatchObject({ winner: 'a', odds: 1, strength: 'clear' });
    expect(found.analysis).toMatchObject({ tornado: null, nearestFlip: null, information: { evpi: 0, inputs: [] } });
  });

  it('a criterion with no measurement at all is missing everywhere, constant, without a scale, and no method on figures has a result', () => {
    const linear = { kind: 'linear', better: 'higher', worst: null, best: null } as const;
    const table = tableOf([criterion('x', [0.4, 0.6]), criterion('y', [null, null], linear)], [half]);
    const [, y] = analyse(table).criteria;
    expect(y).toMatchObject({ constant: true, worst: null, best: null });
    expect(y.cells.map(({ status, raw }) => [status, raw])).toEqual([
      ['missing', null],
      ['missing', null],
    ]);
    expect(first(table).winner).toBe('b');
    expect(reasonOf(table, 'TOPSIS', 'vector')).toBe('y: there is no figure under a');
    expect(reasonOf(table, 'TOPSIS', 'value functions')).toBe('b');
  });

  it('one profile is enough, and several do not touch each other', () => {
    const criteria = [criterion('x', [[0, 0.6, 1], 0.5]), criterion('y', [0.2, [0.1, 0.3, 0.9]])];
    const other = profile('other', { kind: 'unknown' });
    const both = analyse(tableOf(criteria, [half, other])).profiles;
    expect(analyse(tableOf(criteria, [half])).profiles).toEqual([both[0]]);
    expect(analyse(tableOf(criteria, [other])).profiles).toEqual([both[1]]);
  });
});

describe('zero and negative figures under each method', () => {
  const free = { kind: 'linear', better: 'higher', worst: -10, best: 10 } as const;
  const cost = { kind: 'linear', better: 'lower', worst: 10, best: -10 } as const;
  const of = (x: readonly Figure[], y: readonly Figure[]) =>
    tableOf([criterion('x', x, free), criterion('y', y, cost)], [half]);

  it.each([
    ['weighted sum', 'sum', 'x: figures below zero have no shares of a sum'],
    ['weighted sum', 'linear', 'a'],
    ['weighted sum', 'min-max', 'a'],
    ['weighted product', 'sum', 'x: figures below zero have no shares of a sum'],
    ['weighted product', 'linear', 'a power of a figure below zero means nothing'],
    ['weighted product', 'value functions', 'a'],
    ['TOPSIS', 'vector', 'a'],
    ['TOPSIS', 'min-max', 'a'],
    ['PROMETHEE II', 'usual', 'a'],
    ['VIKOR', 'min-max', 'a'],
  ])('a benefit below zero: %s, %s: %s', (method, normalisation, said) => {
    expect(reasonOf(of([2, -1], [1, 2]), method, normalisation)).toBe(said);
  });

  const noReciprocal = 'y: less is better, and a figure that is not above zero has no reciprocal that means that';
  it.each([
    ['weighted sum', 'sum', noReciprocal],
    ['weighted sum', 'linear', noReciprocal],
    ['weighted sum', 'min-max', 'a'],
    ['weighted product', 'sum', noReciprocal],
    ['TOPSIS', 'vector', 'a'],
    ['PROMETHEE II', 'linear', 'a'],
    ['VIKOR', 'min-max', 'a'],
  ])('a cost of zero: %s, %s: %s', (method, normalisation, said) => {
    expect(reasonOf(of([2, 1], [0, 2]), method, normalisation)).toBe(said);
  });

  it.each([
    ['weighted sum', 'sum', 'x: a column that sums to zero has no shares'],
    ['weighted sum', 'linear', 'x: a column without a figure above zero has no share of its largest'],
    ['TOPSIS', 'vector', 'x: a column of zeros has no length'],
    ['weighted sum', 'min-max', 'a'],
    ['VIKOR', 'min-max', 'a'],
  ])('a benefit that is zero for all: %s, %s: %s', (method, normalisation, said) => {
    expect(reasonOf(of([0, 0], [1, 2]), method, normalisation)).toBe(said);
  });
});

describe('tables without a defined decision are refused, and the part is named', () => {
  const good = tableOf([criterion('x', [0.4, 0.6]), criterion('y', [0.5, 0.5])], [half]);
  const weighed = (weights: DecisionTable['profiles'][number]['weights']) => ({
    ...good,
    profiles: [profile('p', weights)],
  });
  it.each<readonly [string, DecisionTable]>([
    ['profile p: the points sum to 99, not to 100', weighed(points({ x: 50, y: 49 }))],
    ['profile p: y has no weight', weighed(points({ x: 100 }))],
    ['profile p: z is no member', weighed(points({ x: 50, y: 50, z: 0 }))],
    ['profile p: -1 points are no weight', weighed(points({ x: -1, y: 101 }))],
    ['profile p: the spread lies in 0 to 1, not at 2', weighed(points({ x: 50, y: 50 }, 2))],
    [
      'profile p: the most valued swing is 100, not 80',
      weighed({ kind: 'swing', swings: { x: 80, y: 20 }, spread: 0 }),
    ],
    ['profile p: y has no weight', weighed({ kind: 'order', places: [['x']] })],
    [
      'profile p: 1 of 1 pairs are not compared',
      weighed({ kind: 'pairwise', pairs: [], randomIndex: 'Saaty 1980', spread: 0 }),
    ],
    ['the table has no alternatives', { ...good, alternatives: [] }],
    ['the table has no criteria', { ...good, criteria: [] }],
    ['the table has no profiles', { ...good, profiles: [] }],
    [
      'two parts of the table are alternative a',
      { ...good, alternatives: [...good.alternatives, good.alternatives[0]] },
    ],
    ['criterion y has no entry for alternative b', { ...good, criteria: [good.criteria[0], criterion('y', [0.5])] }],
    [
      'criterion x has a figure of a without low ≤ likely ≤ high',
      { ...good, criteria: [criterion('x', [[1, 0, 2], 0]), good.criteria[1]] },
    ],
    [
      'criterion x is better when lower, and goes from worst 0 to best 1',
      {
        ...good,
        criteria: [criterion('x', [0, 1], { kind: 'linear', better: 'lower', worst: 0, best: 1 }), good.criteria[1]],
      },
    ],
    [
      'the half of criterion x lies between its ends, not at 2',
      {
        ...good,
        criteria: [
          criterion('x', [0, 1], { kind: 'exponential', better: 'higher', worst: 0, best: 1, half: 2 }),
          good.criteria[1],
        ],
      },
    ],
    [
      'gate g has no limit',
      { ...good, gates: [{ kind: 'limit', id: 'g', title: 'g', criterion: 'x', atLeast: null, atMost: null }] },
    ],
    [
      'gate g is of z, which is no criterion',
      { ...good, gates: [{ kind: 'limit', id: 'g', title: 'g', criterion: 'z', atLeast: 0, atMost: null }] },
    ],
    [
      'gate g names z, which is no alternative',
      { ...good, gates: [{ kind: 'stated', id: 'g', title: 'g', fails: { z: 'why' } }] },
    ],
    ['samples is a whole number from 1, not 0', { ...good, samples: 0 }],
  ])('%s', (message, table) => expect(() => analyse(table)).toThrow(message));
});
