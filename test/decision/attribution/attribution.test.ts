import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LedgerRow } from '../../../contracts/run.js';
import { differences, timeByMechanism, totalOf } from '../../../decision/attribution/by-part.js';
import { scoreDifferences } from '../../../decision/attribution/score.js';
import { decide } from '../../../decision/index.js';
import { judged, measured, runOf, studyOf } from '../example.js';

const rows = fc.array(
  fc.record({
    domain: fc.constantFrom('control', 'guest'),
    phase: fc.constantFrom('copy', 'stop'),
    event: fc.constant('e'),
    mechanism: fc.constantFrom('map', 'copy', 'hypercalls', 'dma', 'log'),
    count: fc.nat(),
    nanoseconds: fc.double({ min: 0, max: 1e13, noNaN: true }),
  }),
);

function row(mechanism: string, nanoseconds: number): LedgerRow {
  return { domain: 'control', phase: 'copy', event: 'e', mechanism, count: 1, nanoseconds };
}

describe('CPU time by mechanism', () => {
  test('the differences sum exactly to the difference of the totals', () => {
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const [a, b] = [timeByMechanism(before, 'control'), timeByMechanism(after, 'control')];
        const total = differences(a, b).reduce((all, part) => all + part.difference, 0);
        expect(total).toBe(totalOf(b) - totalOf(a));
      }),
    );
  });

  test('setting up is left out where the workload entered a phase of its own', () => {
    const setUp = { ...row('build', 9), phase: 'start' };
    expect(timeByMechanism([setUp, row('map', 3)], 'control')).toEqual(new Map([['map', 3]]));
    expect(timeByMechanism([setUp], 'control')).toEqual(new Map([['build', 9]]));
  });

  test('only the domain that was asked for counts', () => {
    expect(timeByMechanism([row('map', 3), { ...row('map', 5), domain: 'guest' }, row('map', 4)], 'control')).toEqual(
      new Map([['map', 7]]),
    );
  });
});

describe('a score by criterion', () => {
  const ease = { x: [0, 0.2, 1], y: [0, 0.5, 1] } as const;

  test('splits the difference of the nominal scores, largest first', () => {
    const study = studyOf({
      alternatives: ['x', 'y'],
      criteria: [measured('speed'), judged('ease', ease)],
      points: { all: [60, 40] },
    });
    const [profile] = decide(study, [runOf('x', { speed: 0.9 }), runOf('y', { speed: 0.4 })]).profiles;
    const parts = scoreDifferences(profile, 'x', 'y');
    expect(parts.map(({ part }) => part)).toEqual(['speed', 'ease']);
    expect(parts[0].difference).toBeCloseTo(0.6 * (0.4 - 0.9), 12);
    expect(parts[1].difference).toBeCloseTo(0.4 * (0.5 - 0.2), 12);
  });

  test('sums to the difference of the scores to rounding, whatever the values and weights', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.integer({ min: 0, max: 100 }), (a, b, points) => {
        const study = studyOf({
          alternatives: ['x', 'y'],
          criteria: [measured('speed'), judged('ease', ease)],
          points: { all: [points, 100 - points] },
          samples: 2,
        });
        const [profile] = decide(study, [runOf('x', { speed: a }), runOf('y', { speed: b })]).profiles;
        const sum = scoreDifferences(profile, 'x', 'y').reduce((all, { difference }) => all + difference, 0);
        const [x, y] = profile.alternatives.map(({ score }) => score.nominal);
        expect(sum).toBeCloseTo(y - x, 12);
      }),
    );
  });
});
