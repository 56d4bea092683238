import { describe, expect, it } from 'vitest';
import { format } from '../../input/user-error.js';
import { draftOf, mistakesIn, smallStudy, withChange } from './small-study.js';

const pointsValue = 'value: [{at: 30 ms, value: 1}, {at: 3 s, value: 0}]';
const byPoints = `    spread: 0.5
    weights:
      downtime: {points: 60, because: It hurts.}
      months: {points: 40, because: It can wait.}
`;
const valued = (value: string): string => withChange(pointsValue, `value: ${value}`);
const weighed = (lines: string): string => withChange(byPoints, lines);
const told = (text: string): readonly string[] => mistakesIn(() => draftOf(text)).map((error) => format(error));

const valueOf = (value: string): unknown => {
  const [downtime] = draftOf(valued(value)).study.criteria;
  return downtime.kind === 'measured' ? downtime.value : null;
};

describe('the value function of a criterion', () => {
  it.each([
    ['{better: lower, worst: 3 s, best: 30 ms}', { kind: 'linear', better: 'lower', worst: 3000, best: 30 }],
    ['{better: lower}', { kind: 'linear', better: 'lower', worst: null, best: null }],
    ['{better: lower, best: 0 ms}', { kind: 'linear', better: 'lower', worst: null, best: 0 }],
    [
      '{better: lower, worst: 3 s, best: 0 s, half: 200 ms}',
      { kind: 'exponential', better: 'lower', worst: 3000, best: 0, half: 200 },
    ],
    [
      '{points: [{at: 1 ms, value: 1}, {at: 2 ms, value: 0}]}',
      {
        kind: 'piecewise',
        points: [
          { at: 1, value: 1 },
          { at: 2, value: 0 },
        ],
      },
    ],
  ])('%s', (value, shape) => {
    expect(valueOf(value)).toEqual(shape);
  });

  it.each([
    ['{worst: 3 s, best: 30 ms}', 'value.better: "better" is missing'],
    ['{better: higher, worst: 3 s, best: 30 ms}', 'value.worst: worst 3000 and best 30 contradict "better: higher"'],
    ['{better: lower, half: 200 ms}', 'value.half: has "half" without both ends'],
    ['{better: lower, worst: 3 s, best: 30 MiB}', 'value.best: "30 MiB" is a unit of size'.replace('30 MiB', 'MiB')],
    ['{better: lower, wurst: 3 s}', 'value.wurst: there is no key "wurst" here'],
  ])('%s is refused with its place', (value, message) => {
    const [first] = told(valued(value));
    expect(first).toMatch(/^small\.yaml:33:\d+: criteria\[0\]\.criteria\[0\]\./u);
    expect(first).toContain(message);
  });
});

describe('weights in the ways of a decision table', () => {
  const weightsOf = (lines: string) => draftOf(weighed(lines)).study.profiles[0];

  it.each([
    [
      '{points: {downtime: 60, months: 40}, spread: 0.2}',
      { kind: 'points', points: { downtime: 60, months: 40 }, spread: 0.2 },
    ],
    ['{order: [downtime, months]}', { kind: 'order', places: [['downtime'], ['months']] }],
    ['{swing: {downtime: 100, months: 30}}', { kind: 'swing', swings: { downtime: 100, months: 30 }, spread: 0 }],
    [
      '{pairwise: [[downtime, months, 3]]}',
      { kind: 'pairwise', pairs: [['downtime', 'months', 3]], randomIndex: 'Saaty 1980', spread: 0 },
    ],
    [
      '{ranges: {downtime: {low: 40, likely: 60, high: 90}, months: {low: 40, likely: 40, high: 40}}}',
      {
        kind: 'ranges',
        ranges: { downtime: { low: 40, likely: 60, high: 90 }, months: { low: 40, likely: 40, high: 40 } },
      },
    ],
    ['{unknown: true}', { kind: 'unknown' }],
  ])('%s', (weights, expected) => {
    expect(weightsOf(`    weights: ${weights}\n`)).toMatchObject({ weights: expected, reasons: {} });
  });

  it('have their reasons apart', () => {
    const { reasons } = weightsOf('    weights: {order: [downtime, months]}\n    reasons: {downtime: It hurts.}\n');
    expect(reasons).toEqual({ downtime: 'It hurts.' });
  });

  it('points by criterion keep their reasons and their spread', () => {
    expect(draftOf(smallStudy).study.profiles[0]).toMatchObject({
      weights: { kind: 'points', points: { downtime: 60, months: 40 }, spread: 0.5 },
      reasons: { downtime: 'It hurts.', months: 'It can wait.' },
    });
  });

  it('a criterion may be called like a way to weigh', () => {
    const text = weighed(byPoints.replace('months:', 'order:')).replaceAll('id: months', 'id: order');
    expect(draftOf(text).study.profiles[0].weights).toMatchObject({ points: { downtime: 60, order: 40 } });
  });

  it.each([
    ['    weights: {order: [downtime]}\n', 'profiles[0].weights.order: "months" has no place'],
    ['    weights: {points: {downtime: 60, months: 30}}\n', 'profiles[0].weights.points: the points sum to 90'],
    ['    weights: {swing: {downtime: 80, months: 30}}\n', 'the most valued swing is 80'],
    ['    spread: 0.5\n    weights: {unknown: true}\n', 'profiles[0].spread: "spread" stands outside the weights'],
    ['    weights: {unknown: true}\n    reasons: {month: No.}\n', 'there is no criterion or group "month"'],
    [byPoints.replace('    spread: 0.5\n', ''), 'profiles[0].spread: "spread" is missing'],
    ['    spread: 0.5\n', 'profiles[0].weights: "weights" is missing'],
  ])('%s is refused', (lines, message) => {
    expect(told(weighed(lines)).join('\n')).toContain(message);
  });
});

describe('weights of groups and within them', () => {
  const lines = '    weights: {order: [measured, months]}\n    within: {measured: {unknown: true}}\n';
  const grouped = weighed(lines).replace('- group: Measured\n', '- group: Measured\n    id: measured\n');

  it('weigh the tree, which the study then has', () => {
    const { tree, profiles, criteria } = draftOf(grouped).study;
    expect(tree).toEqual([{ id: 'measured', criteria: [{ id: 'downtime' }] }, { id: 'months' }]);
    expect(profiles[0]).toMatchObject({ weights: { kind: 'order' }, within: { measured: { kind: 'unknown' } } });
    expect(criteria.map(({ group }) => group)).toEqual([['Measured'], []]);
  });

  it('need an id for every group', () => {
    expect(told(weighed(lines)).join('\n')).toContain('criteria[0].id: "id" is missing');
  });

  it('need weights for every group, and no other', () => {
    const wrong = grouped.replace('within: {measured:', 'within: {measurd:');
    expect(told(wrong).join('\n')).toContain('profiles[0].within.measured: "measured" is missing');
    expect(told(wrong).join('\n')).toContain('there is no group "measurd"');
  });

  it('a study whose profiles weigh no groups has no tree', () => {
    expect(draftOf(smallStudy).study.tree).toBeUndefined();
  });
});
