import { describe, expect, test } from 'vitest';
import type { Cell, Decision } from '../../contracts/decision.js';
import { decide } from '../../decision/index.js';
import { capability, finding, gate, judged, measured, runOf, studyOf } from './example.js';
import { vector, type Vector } from './vectors.js';

const cellOf = (decision: Decision, criterion: string, alternative: string): Cell =>
  decision.criteria.find((c) => c.criterion === criterion)!.cells.find((c) => c.alternative === alternative)!;

const flat = (x: number) => ({ nominal: x, p5: x, p50: x, p95: x });

describe('a verdict', () => {
  test('two alternatives, each best on one of two criteria of equal weight, are each first half of the time', () => {
    const v = vector('smaa-10-kshana') as Vector<{ readonly first_rank: readonly number[] }>;
    const study = studyOf({
      alternatives: ['a', 'b'],
      criteria: [measured('x'), measured('y')],
      points: { all: [50, 50] },
      spread: 1,
      samples: 4096,
    });
    const decision = decide(study, [runOf('a', { x: 1, y: 0 }), runOf('b', { x: 0, y: 1 })]);
    // Two Latin hypercube columns: closer than independent samples, whose standard error would be 0.008.
    decision.profiles[0].alternatives.forEach(({ ranks }, a) =>
      expect(Math.abs(ranks![0] - v.expect.first_rank[a])).toBeLessThan(0.02),
    );
    expect(decision.profiles[0].strength).toBe('open');
  });

  test('odds follow the triangle of a judgement: against 0.5, a triangle on 0, 0.25, 1 is ahead in a third of the samples', () => {
    const criterion = judged('x', { a: [0.5, 0.5, 0.5], b: [0, 0.25, 1] });
    const study = studyOf({ alternatives: ['a', 'b'], criteria: [criterion], points: { all: [100] }, samples: 3000 });
    const [profile] = decide(study, []).profiles;
    // The share above 0.5 is (1 − 0.5)² / ((1 − 0)(1 − 0.25)) = 1/3; one column of a Latin hypercube counts it to one sample.
    expect(profile.winner).toBe('a');
    expect(Math.abs(profile.odds - 2 / 3)).toBeLessThan(1.01 / 3000);
    expect(profile.strength).toBe('leaning');
  });

  test('contributions of the criteria sum to the nominal score', () => {
    const study = studyOf({
      alternatives: ['a', 'b'],
      criteria: [measured('x'), judged('y', { a: [0, 0.4, 1], b: [0.1, 0.2, 0.3] })],
      points: { all: [30, 70] },
    });
    const [profile] = decide(study, [runOf('a', { x: 0.5 }), runOf('b', { x: 0.25 })]).profiles;
    const ofY = profile.contributions.find((c) => c.alternative === 'a' && c.criterion === 'y')!;
    expect(ofY.value).toBeCloseTo(0.28, 12);
    for (const { alternative, score } of profile.alternatives) {
      const own = profile.contributions.filter((c) => c.alternative === alternative);
      expect(own.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(score.nominal, 12);
    }
  });

  test('profiles are decided each by its own weights', () => {
    const study = studyOf({
      alternatives: ['a', 'b'],
      criteria: [measured('x'), measured('y')],
      points: { first: [80, 20], second: [20, 80] },
    });
    const decision = decide(study, [runOf('a', { x: 1, y: 0 }), runOf('b', { x: 0, y: 1 })]);
    expect(decision.profiles.map(({ profile, winner, odds }) => [profile, winner, odds])).toEqual([
      ['first', 'a', 1],
      ['second', 'b', 1],
    ]);
  });
});

describe('draws', () => {
  const study = studyOf({
    alternatives: ['a', 'b'],
    criteria: [measured('x')],
    points: { all: [100] },
    draws: 4,
    samples: 30,
  });

  test('draw 0 is the nominal point and is not sampled', () => {
    const runs = ['a', 'b'].flatMap((id) =>
      [0.9, 0.1, 0.2, 0.3].map((x, draw) => runOf(id, { x: id === 'a' ? x : 0 }, { draw })),
    );
    const { raw } = cellOf(decide(study, runs), 'x', 'a');
    // Type 7 of 0.1, 0.2 and 0.3: a twentieth of the way between the ends is a tenth of the way between neighbours.
    expect(raw).toMatchObject({ nominal: 0.9, p50: 0.2 });
    expect(raw?.p5).toBeCloseTo(0.11, 12);
    expect(raw?.p95).toBeCloseTo(0.29, 12);
  });

  test('an alternative that is ahead in each draw is first in each sample, though its worst draw is below the other’s best', () => {
    const runs = [0, 0.1, 0.5, 0.8].flatMap((x, draw) => [
      runOf('a', { x: x + 0.1 }, { draw }),
      runOf('b', { x }, { draw }),
    ]);
    expect(decide(study, runs).profiles[0]).toMatchObject({ winner: 'a', odds: 1, strength: 'clear' });
  });

  test('a draw that is missing for one alternative has value 0 in its samples alone, and the cell says so', () => {
    const runs = [0, 1, 2, 3].flatMap((draw) => [runOf('b', { x: 0.5 }, { draw }), runOf('a', { x: 0.6 }, { draw })]);
    const present = runs.filter(({ alternative, draw }) => alternative === 'b' || draw !== 2);
    const decision = decide(study, present);
    expect(cellOf(decision, 'x', 'a')).toMatchObject({ status: 'missing', raw: flat(0.6), value: { p5: 0, p95: 0.6 } });
    expect(cellOf(decision, 'x', 'b').status).toBe('measured');
    // One of the three sampled draws goes to b, and thirty samples hold each draw ten times.
    expect(decision.profiles[0].odds).toBeCloseTo(2 / 3, 12);
  });

  test('a study of one draw samples draw 0', () => {
    const single = { ...study, draws: 1 };
    const decision = decide(single, [runOf('a', { x: 0.7 }), runOf('b', { x: 0.2 })]);
    expect(cellOf(decision, 'x', 'a').raw).toEqual(flat(0.7));
  });
});

describe('degenerate studies', () => {
  test('alternatives that tie in every sample share the firsts, one is named, and the verdict is open', () => {
    const study = studyOf({ alternatives: ['b', 'a'], criteria: [measured('x')], points: { all: [100] } });
    const [profile] = decide(study, [runOf('a', { x: 0.3 }), runOf('b', { x: 0.3 })]).profiles;
    expect(profile).toMatchObject({ winner: 'a', odds: 0.5, strength: 'open' });
    for (const { ranks } of profile.alternatives) expect(ranks).toEqual([0.5, 0.5]);
  });

  test('of two that are equally often first, the one with the higher nominal score is named', () => {
    const study = studyOf({ alternatives: ['a', 'b'], criteria: [measured('x')], points: { all: [100] }, draws: 3 });
    const runs = [0.5, 0, 1].flatMap((x, draw) => [
      runOf('a', { x: 0.5 - draw / 10 }, { draw }),
      runOf('b', { x }, { draw }),
    ]);
    const better = runs.map((run) => (run.alternative === 'b' && run.draw === 0 ? runOf('b', { x: 0.6 }) : run));
    expect(decide(study, better).profiles[0]).toMatchObject({ winner: 'b', odds: 0.5, strength: 'open' });
  });

  test('an alternative that is best on everything scores 1, whatever the weights sum to by rounding', () => {
    const criteria = ['u', 'v', 'w', 'x', 'y'].map((id) => measured(id));
    const points = { all: [12.3, 45.6, 7.1, 8.9, 26.1] };
    const study = studyOf({ alternatives: ['a'], criteria, points, spread: 0.5, samples: 4096 });
    const [profile] = decide(study, [runOf('a', { u: 1, v: 1, w: 1, x: 1, y: 1 })]).profiles;
    for (const score of Object.values(profile.alternatives[0].score)) {
      expect(score).toBeLessThanOrEqual(1);
      expect(score).toBeCloseTo(1, 12);
    }
  });

  test('a column is constant when all alternatives have one value in each sample, whatever the draws do to it', () => {
    const study = studyOf({
      alternatives: ['a', 'b'],
      criteria: [measured('x'), measured('y')],
      points: { all: [50, 50] },
      draws: 3,
    });
    const runs = [0, 1, 2].flatMap((draw) => [
      runOf('a', { x: draw / 4, y: 0.5 }, { draw }),
      runOf('b', { x: draw / 4, y: draw === 1 ? 0.4 : 0.5 }, { draw }),
    ]);
    const decision = decide(study, runs);
    expect(decision.criteria.map(({ constant }) => constant)).toEqual([true, false]);
  });

  test('one alternative is first in every sample', () => {
    const study = studyOf({ alternatives: ['a'], criteria: [measured('x')], points: { all: [100] } });
    const [profile] = decide(study, [runOf('a', { x: 0 })]).profiles;
    expect(profile).toMatchObject({ winner: 'a', odds: 1, strength: 'clear' });
    expect(profile.alternatives[0].ranks).toEqual([1]);
  });
});

describe('what could not be measured', () => {
  const study = studyOf({
    alternatives: ['a', 'b'],
    criteria: [measured('x'), capability('c', 'migrate')],
    points: { all: [60, 40] },
  });
  const good = runOf('b', { x: 0.5 });

  test('a failed run is missing for its metric and its capability, even when it states the metric', () => {
    const decision = decide(study, [runOf('a', { x: 1 }, { failure: 'out of frames' }), good]);
    for (const id of ['x', 'c']) {
      expect(cellOf(decision, id, 'a')).toEqual({ alternative: 'a', status: 'missing', raw: null, value: flat(0) });
    }
  });

  test('a metric that a run does not state is missing when nothing refused it', () => {
    const decision = decide(study, [runOf('a', {}), good]);
    expect(cellOf(decision, 'x', 'a').status).toBe('missing');
    expect(cellOf(decision, 'c', 'a')).toMatchObject({ status: 'holds', raw: null, value: flat(1) });
  });

  test('a metric that a run does not state is refused when it has a finding, and reads as no figure rather than zero', () => {
    const decision = decide(study, [runOf('a', {}, { findings: [finding('migrate')] }), good]);
    for (const id of ['x', 'c']) {
      expect(cellOf(decision, id, 'a')).toEqual({ alternative: 'a', status: 'refused', raw: null, value: flat(0) });
    }
  });

  test('a finding of another operation refuses no capability, and a metric that is stated counts', () => {
    const decision = decide(study, [runOf('a', { x: 0.8 }, { findings: [finding('hot-plug')] }), good]);
    expect(cellOf(decision, 'x', 'a')).toMatchObject({ status: 'measured', raw: flat(0.8) });
    expect(cellOf(decision, 'c', 'a').status).toBe('holds');
  });

  test('a finding in some draws lowers the value in their samples alone', () => {
    const draws = { ...study, draws: 3, samples: 100 };
    const runs = [0, 1, 2].flatMap((draw) => [
      runOf('a', { x: 0.5 }, { draw, findings: draw === 2 ? [finding('migrate')] : [] }),
      runOf('b', { x: 0.5 }, { draw }),
    ]);
    const decision = decide(draws, runs);
    expect(cellOf(decision, 'c', 'a')).toMatchObject({ status: 'refused', value: { nominal: 1, p5: 0, p95: 1 } });
    // Half of the samples tie at 0.7, half have 0.3 against 0.7.
    expect(decision.profiles[0].alternatives[0].ranks).toEqual([0.25, 0.75]);
  });

  test.each([Number.NaN, Infinity, -Infinity])('a metric of %d is refused by name and never ranked', (x) => {
    expect(() => decide(study, [runOf('a', { x }), good])).toThrow(/x of suite\/load under a, draw 0/);
  });

  test('a metric in another unit than the criterion is refused', () => {
    const run = runOf('a', {});
    const seconds = { ...run, metrics: { x: { value: 1, unit: 's', better: 'lower', title: 'x' } } } as const;
    expect(() => decide(study, [seconds, good])).toThrow(/is in s, and criterion x in ms/);
  });
});

describe('gates', () => {
  const study = studyOf({
    alternatives: ['a', 'b', 'c'],
    criteria: [measured('x')],
    points: { all: [100] },
    gates: [gate('migrate')],
    draws: 2,
  });
  const draws = (id: string, x: number, rest: Parameters<typeof runOf>[2] = {}) =>
    [0, 1].map((draw) => runOf(id, { x }, { ...rest, draw }));

  test('an alternative that fails a gate keeps its score, is not ranked and never wins', () => {
    const failed = draws('a', 1, { findings: [finding('migrate', 'frame 7 is taken')] });
    const decision = decide(study, [...failed, ...draws('b', 0.4), ...draws('c', 0.2)]);
    expect(decision.gates[0]).toEqual({
      gate: 'gate-migrate',
      alternative: 'a',
      passed: false,
      reasons: ['frame 7 is taken'],
    });
    expect(decision.gates[1]).toEqual({ gate: 'gate-migrate', alternative: 'b', passed: true, reasons: [] });
    const [profile] = decision.profiles;
    expect(profile).toMatchObject({ winner: 'b', odds: 1 });
    expect(profile.alternatives.map(({ eligible, ranks }) => [eligible, ranks])).toEqual([
      [false, null],
      [true, [1, 0]],
      [true, [0, 1]],
    ]);
    expect(profile.alternatives[0].score.nominal).toBe(1);
  });

  test('a finding in one draw fails the gate, and each reason is given once', () => {
    const one = [
      runOf('a', { x: 1 }),
      runOf('a', { x: 1 }, { draw: 1, findings: [finding('migrate'), finding('migrate')] }),
    ];
    const decision = decide(study, [...one, ...draws('b', 0), ...draws('c', 0)]);
    expect(decision.gates[0].reasons).toEqual(['frame 5 is taken']);
  });

  test('a gate whose run failed or is not there has not been shown to hold', () => {
    const decision = decide(study, [
      ...draws('a', 1, { failure: 'out of frames' }),
      runOf('b', { x: 1 }),
      ...draws('c', 0),
    ]);
    expect(decision.gates.map(({ passed }) => passed)).toEqual([false, false, true]);
    expect(decision.gates[0].reasons[0]).toContain('out of frames');
    expect(decision.gates[1].reasons).toEqual(['no run of suite/load, draw 1']);
  });

  test('when every alternative fails there is no winner, and the verdict is open', () => {
    const decision = decide(
      study,
      ['a', 'b', 'c'].flatMap((id) => draws(id, 1, { findings: [finding('migrate')] })),
    );
    expect(decision.profiles[0]).toMatchObject({ winner: null, odds: 0, oddsError: 0, strength: 'open' });
    expect(decision.profiles[0].alternatives.map(({ ranks }) => ranks)).toEqual([null, null, null]);
  });
});
