import { describe, expect, test } from 'vitest';
import { decide } from '../../../decision/index.js';
import { leadOf, pointOf, standingsOf } from '../../../decision/flip/standing.js';
import { finding, gate, judged, measured, runOf, studyOf } from '../example.js';

const study = studyOf({
  alternatives: ['x', 'y', 'z'],
  criteria: [measured('speed'), judged('ease', { x: [0, 0.2, 1], y: [0, 0.5, 1], z: [0, 0.1, 0.2] })],
  points: { all: [60, 40] },
  spread: 0.5,
  gates: [gate('migrate')],
  draws: 2,
});
const runs = [0, 1].flatMap((draw) => [
  runOf('x', { speed: 0.9 - draw / 2 }, { draw }),
  runOf('y', { speed: 0.4 }, { draw }),
  runOf('z', { speed: 1 }, { draw, findings: [finding('migrate')] }),
]);

describe('the standing at a value', () => {
  test('is the nominal score of the decision: draw 0, likely judgements, weights as given', () => {
    const { scores, eligible, preferred } = standingsOf(study, runs)(7, runs);
    const [{ alternatives }] = decide(study, runs).profiles;
    for (const { alternative, score } of alternatives) expect(scores[alternative]).toBeCloseTo(score.nominal, 12);
    expect(scores['x']).toBeCloseTo(0.6 * 0.9 + 0.4 * 0.2, 12);
    expect([eligible, preferred]).toEqual([['x', 'y'], ['x']]);
  });

  test('a failed run leaves no standing, and says which', () => {
    const { failure, preferred } = standingsOf(study, runs)(7, [{ ...runs[0], failure: 'no luck' }, ...runs.slice(1)]);
    expect([failure, preferred]).toEqual(['suite/load under x: no luck', []]);
  });

  test('equal but for rounding is a tie, and what fails a gate is never preferred', () => {
    expect(pointOf(0, { b: 0.3, a: 0.1 + 0.2, c: 1 }, ['a', 'b']).preferred).toEqual(['a', 'b']);
    expect(pointOf(0, { a: 1 }, []).preferred).toEqual([]);
  });

  test('a lead is over the best of the others that pass every gate', () => {
    const point = pointOf(0, { a: 0.5, b: 0.7, c: 0.9 }, ['a', 'b']);
    expect(leadOf(point, 'b')).toBeCloseTo(0.2, 12);
    expect(leadOf(point, 'a')).toBeCloseTo(-0.2, 12);
    expect(leadOf(point, 'c')).toBe(-1);
  });
});
