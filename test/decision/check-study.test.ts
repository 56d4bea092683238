import { expect, test } from 'vitest';
import type { Study } from '../../contracts/study.js';
import { decide } from '../../decision/index.js';
import { judged, measured, runOf, studyOf } from './example.js';

const good = studyOf({ alternatives: ['a', 'b'], criteria: [measured('x'), measured('y')], points: { all: [40, 60] } });
const runs = [runOf('a', { x: 0, y: 0 }), runOf('b', { x: 1, y: 1 })];

const withProfile = (change: Partial<Study['profiles'][number]>): Study => ({
  ...good,
  profiles: [{ ...good.profiles[0], ...change }],
});
const weigh = (points: Readonly<Record<string, number>>) =>
  withProfile({ weights: { kind: 'points', points, spread: 0 } });

test('weights that do not sum to 100 are refused, never scaled', () => {
  expect(() => decide(weigh({ x: 40, y: 59 }), runs)).toThrow(/sum to 99, not to 100/);
  expect(() => decide(weigh({ x: 0.4, y: 0.6 }), runs)).toThrow(RangeError);
  expect(() => decide(weigh({ x: Number.NaN, y: 60 }), runs)).toThrow(RangeError);
});

test('a sum that misses 100 by rounding is accepted', () => {
  expect(() => decide(weigh({ x: 33.3, y: 66.7 }), runs)).not.toThrow();
});

test.each<[string, Study, RegExp]>([
  ['a negative weight', weigh({ x: -10, y: 110 }), /-10 points are no weight/],
  ['a criterion without a weight', weigh({ x: 100 }), /y has no weight/],
  ['a weight without a criterion', weigh({ x: 40, y: 60, z: 0 }), /z is no member/],
  ['a spread above 1', withProfile({ weights: { kind: 'points', points: { x: 40, y: 60 }, spread: 1.5 } }), /spread/],
  ['no alternatives', { ...good, alternatives: [] }, /no alternatives/],
  ['no criteria', { ...good, criteria: [] }, /no criteria/],
  ['no samples', { ...good, samples: 0 }, /samples/],
  ['half a draw', { ...good, draws: 1.5 }, /draws/],
  ['two criteria of one id', { ...good, criteria: [...good.criteria, measured('x')] }, /criterion x/],
  ['a value above 1', { ...good, criteria: [measured('x', [{ at: 0, value: 2 }]), measured('y')] }, /outside 0 to 1/],
  ['a value function without points', { ...good, criteria: [measured('x', []), measured('y')] }, /no points/],
  [
    'points that do not ascend',
    {
      ...good,
      criteria: [
        measured(
          'x',
          [3, 3].map((at) => ({ at, value: 0 })),
        ),
        measured('y'),
      ],
    },
    /do not ascend/,
  ],
  [
    'an alternative that is not judged',
    { ...good, criteria: [judged('x', { a: [0, 0, 0] }), measured('y')] },
    /judge.* b/,
  ],
  [
    'a range out of order',
    { ...good, criteria: [judged('x', { a: [1, 0, 1], b: [0, 0, 0] }), measured('y')] },
    /low ≤ likely ≤ high/,
  ],
])('%s is refused', (_, study, message) => {
  expect(() => decide(study, runs)).toThrow(message);
});

test.each([
  ['another study’s', runOf('a', { x: 0 }, { study: 'other' }), /belongs to study other/],
  ['a draw that the study does not have', runOf('a', { x: 0 }, { draw: 1 }), /no draw of the study/],
  ['a second one of the same thing', runOf('a', { x: 0.5, y: 0 }), /two runs/],
])('a run is refused that is %s', (_, run, message) => {
  expect(() => decide(good, [...runs, run])).toThrow(message);
});
