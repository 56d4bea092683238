import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecisionTable, TableAnalysis, TableCriterion } from '../../../contracts/decision-table.js';
import type { ValueShape } from '../../../contracts/value-shape.js';
import type { FigureRange } from '../../../contracts/weighting.js';
import { analyse } from '../../../decision/index.js';
import { criterion, points, profile, tableOf } from './example.js';

const SAMPLES = 64;
const tenth = fc.integer({ min: 0, max: 10 }).map((x) => x / 10);
const range = fc.tuple(tenth, tenth, tenth).map((three) => three.toSorted((a, b) => a - b) as [number, number, number]);
const figure = fc.oneof(
  { weight: 3, arbitrary: tenth },
  { weight: 3, arbitrary: range },
  { weight: 1, arbitrary: fc.constant(null) },
);

const shape: fc.Arbitrary<ValueShape> = fc.constantFrom<ValueShape>(
  { kind: 'linear', better: 'higher', worst: 0, best: 1 },
  { kind: 'linear', better: 'lower', worst: null, best: null },
  { kind: 'exponential', better: 'higher', worst: 0, best: 1, half: 0.25 },
  {
    kind: 'piecewise',
    points: [
      { at: 0.25, value: 1 },
      { at: 0.75, value: 0.5 },
      { at: 1, value: 0 },
    ],
  },
);

/** Two criteria and a group of two, and a profile for each way to weigh. */
const table: fc.Arbitrary<DecisionTable> = fc.integer({ min: 1, max: 4 }).chain((count) => {
  const figures = fc.array(figure, { minLength: count, maxLength: count });
  const four = <Part>(part: fc.Arbitrary<Part>) => fc.tuple(part, part, part, part);
  return fc
    .record({ columns: four(figures), shapes: four(shape), spread: tenth, seed: fc.integer(), gated: fc.boolean() })
    .map(({ columns, shapes, spread, seed, gated }) => {
      const [w, x, y, z] = ['w', 'x', 'y', 'z'].map((id, c) =>
        criterion(id, columns[c], shapes[c], c % 2 === 0 ? 'measured' : 'judged'),
      );
      const within = { g: { kind: 'pairwise', pairs: [['y', 'z', 3]], randomIndex: 'Saaty 1980', spread } } as const;
      return tableOf(
        [w, x, { id: 'g', title: 'g', criteria: [y, z] }],
        [
          profile('points', points({ w: 20, x: 30, g: 50 }, spread), within),
          profile('order', { kind: 'order', places: [['x'], ['w', 'g']] }, { g: { kind: 'unknown' } }),
          profile(
            'swing',
            { kind: 'swing', swings: { w: 100, x: 10, g: 60 }, spread },
            { g: { kind: 'swing', swings: { y: 100, z: 40 }, spread: 0 } },
          ),
        ],
        {
          samples: SAMPLES,
          seed,
          gates: gated ? [{ kind: 'limit', id: 'g', title: 'g', criterion: 'w', atLeast: 0.2, atMost: null }] : [],
        },
      );
    });
});

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

test('odds sum to one over the alternatives that may win, as do the ranks of each and the weights', () => {
  fc.assert(
    fc.property(table, (given) => {
      for (const { alternatives, weights } of analyse(given).profiles) {
        const ranks = alternatives.flatMap((each) => (each.ranks === null ? [] : [each.ranks]));
        if (ranks.length > 0) expect(total(ranks.map(([first]) => first))).toBeCloseTo(1, 9);
        for (const row of ranks) expect(total(row)).toBeCloseTo(1, 9);
        expect(total(weights.map(({ weight }) => weight))).toBeCloseTo(1, 9);
      }
    }),
  );
});

/** A criterion in another unit: all that is in it times a power of two, by which no rounding changes. */
const scaled = (given: TableCriterion, factor: number): TableCriterion => {
  const times = (at: number | null): number | null => (at === null ? null : at * factor);
  const { value } = given;
  const shape: ValueShape =
    value.kind === 'piecewise'
      ? { ...value, points: value.points.map(({ at, value }) => ({ at: at * factor, value })) }
      : value.kind === 'linear'
        ? { ...value, worst: times(value.worst), best: times(value.best) }
        : { ...value, worst: value.worst * factor, best: value.best * factor, half: value.half * factor };
  const figures = Object.entries(given.figures).map(([id, range]): [string, FigureRange | null] => [
    id,
    range === null ? null : { low: range.low * factor, likely: range.likely * factor, high: range.high * factor },
  ]);
  return { ...given, value: shape, figures: Object.fromEntries(figures) };
};

/** What does not speak of figures in their own units. */
const withoutUnits = ({ criteria, profiles, gates, inputs, ...rest }: TableAnalysis): unknown => ({
  ...rest,
  inputs: inputs.map(({ id }) => id),
  gates: gates.map(({ passed }) => passed),
  criteria: criteria.map(({ cells, constant }) => ({ constant, values: cells.map(({ value }) => value) })),
  profiles: profiles.map(({ analysis, ...others }) => ({
    ...others,
    acceptability: analysis?.acceptability,
    methods: analysis?.concordance.methods.map(({ result }) =>
      'notDefined' in result ? null : result.ranks.map(({ rank }) => rank),
    ),
    reversals: analysis?.rankReversal,
    breakEvens: analysis?.breakEvens,
    nearestFlip: analysis?.nearestFlip,
    tornado: analysis?.tornado?.bars.map(({ input, leadAtLow, leadAtHigh }) => [input, leadAtLow, leadAtHigh]),
    information: analysis?.information.inputs.map(({ input, value, error }) => [input, value, error]),
  })),
});

test('another unit of a criterion changes nothing', () => {
  fc.assert(
    fc.property(table, fc.constantFrom(0.5, 4, 1024), (given, factor) => {
      const criteria = given.criteria.map((node) =>
        'criteria' in node ? node : scaled(node, node.id === 'w' ? factor : 1),
      );
      const gates = given.gates.map((gate) =>
        gate.kind === 'limit' ? { ...gate, atLeast: gate.atLeast! * factor } : gate,
      );
      expect(withoutUnits(analyse({ ...given, criteria, gates }))).toEqual(withoutUnits(analyse(given)));
    }),
  );
});

/** The analysis with its lists in the order of their ids. */
const ordered = ({ criteria, gates, profiles, ...rest }: TableAnalysis): unknown => {
  const sorted = <Part>(list: readonly Part[], ...keys: readonly (keyof Part)[]): readonly Part[] => {
    const name = (part: Part): string => keys.map((key) => String(part[key])).join(' ');
    return list.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
  };
  return {
    ...rest,
    criteria: sorted(criteria, 'criterion').map((each) => ({ ...each, cells: sorted(each.cells, 'alternative') })),
    gates: sorted(gates, 'gate', 'alternative'),
    profiles: sorted(profiles, 'profile').map((each) => ({
      ...each,
      alternatives: sorted(each.alternatives, 'alternative'),
      contributions: sorted(each.contributions, 'alternative', 'criterion'),
    })),
  };
};

test('the order of alternatives, criteria, members, profiles and figures changes nothing', () => {
  fc.assert(
    fc.property(table, (given) => {
      const criteria = given.criteria
        .map((node) => ('criteria' in node ? { ...node, criteria: node.criteria.toReversed() } : node))
        .map((node) =>
          'criteria' in node
            ? node
            : { ...node, figures: Object.fromEntries(Object.entries(node.figures).toReversed()) },
        );
      const turned = {
        ...given,
        criteria: criteria.toReversed(),
        alternatives: given.alternatives.toReversed(),
        profiles: given.profiles.toReversed(),
      };
      expect(ordered(analyse(turned))).toEqual(ordered(analyse(given)));
    }),
  );
});

test('titles change nothing', () => {
  fc.assert(
    fc.property(table, fc.string(), (given, title) => {
      const named = <Part>(part: Part): Part => ({ ...part, title });
      const renamed = {
        ...given,
        alternatives: given.alternatives.map(named),
        criteria: given.criteria.map(named),
        gates: given.gates.map(named),
        profiles: given.profiles.map(named),
      };
      expect(analyse(renamed)).toEqual(analyse(given));
    }),
  );
});

test('improving an alternative never lowers its score, and leaves those of the others where the ends are stated', () => {
  const stated = fc.array(fc.tuple(tenth, tenth), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(stated, tenth, tenth, (rows, gain, spread) => {
      const build = (better: number) =>
        tableOf(
          [
            criterion(
              'x',
              rows.map(([x], a) => x + (a === 0 ? better : 0)),
            ),
            criterion(
              'y',
              rows.map(([, y]) => y),
            ),
          ],
          [profile('p', points({ x: 70, y: 30 }, spread))],
          { samples: SAMPLES },
        );
      const [before, after] = [0, gain].map((better) => analyse(build(better)).profiles[0].alternatives);
      for (const key of ['nominal', 'p5', 'p50', 'p95'] as const)
        expect(after[0].score[key]).toBeGreaterThanOrEqual(before[0].score[key]);
      expect(after.slice(1).map(({ score }) => score)).toEqual(before.slice(1).map(({ score }) => score));
      expect(after[0].ranks![0]).toBeGreaterThanOrEqual(before[0].ranks![0]);
    }),
  );
});
