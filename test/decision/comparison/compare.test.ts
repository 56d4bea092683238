import { describe, expect, test } from 'vitest';
import type { RunManifest } from '../../../contracts/run.js';
import type { Study } from '../../../contracts/study.js';
import { compareResults } from '../../../decision/comparison/compare.js';
import type { ResultSet } from '../../../decision/comparison/result-set.js';
import { capability, finding, gate, judged, measured, runOf, studyOf } from '../example.js';

const manifest: RunManifest = {
  study: 'example',
  engineVersion: '1+aa',
  platform: { id: 'none', title: 'None', models: {}, settings: [] },
  costs: [],
  workloads: [
    {
      id: 'suite/load',
      title: 'Load',
      description: '',
      parameters: [{ name: 'rate', value: 5, unit: 'pages/s', title: 'Rate' }],
      trace: null,
    },
  ],
  inputs: {},
  command: 'physmap run',
};

const study = studyOf({
  alternatives: ['x', 'y'],
  criteria: [measured('speed'), judged('ease', { x: [0.1, 0.2, 0.3], y: [0.7, 0.8, 0.9] })],
  points: { all: [70, 30], easy: [20, 80] },
});
/** `x` leads by 0.7 × 0.5 − 0.3 × 0.6. */
const a: ResultSet = { study, manifest, runs: [runOf('x', { speed: 0.9 }), runOf('y', { speed: 0.4 })] };

function withStudy(change: Partial<Study>): ResultSet {
  return { ...a, study: { ...study, ...change } };
}

const weighed = (id: string, points: readonly number[]): Study['profiles'] =>
  study.profiles.map((profile) =>
    profile.id === id
      ? {
          ...profile,
          weights: { kind: 'points', points: { speed: points[0], ease: points[1] }, spread: 0 },
        }
      : profile,
  );

describe('two result sets', () => {
  test('that are the same have the same winner, and nothing to tell', () => {
    const { changed, identical, differences, because, before, after } = compareResults(a, a);
    expect([changed, identical, differences, because]).toEqual([false, true, [], []]);
    expect(before).toEqual(after);
    expect(before.winner).toBe('x');
  });

  test('titles and reasons are no difference', () => {
    const retitled = withStudy({
      title: 'Another',
      alternatives: study.alternatives.map((each) => ({ ...each, title: 'T' })),
    });
    expect(compareResults(a, retitled).identical).toBe(true);
  });

  test('differ by weights: these alone change the winner', () => {
    const { because, together, differences, after, profiles } = compareResults(
      a,
      withStudy({ profiles: weighed('all', [30, 70]) }),
    );
    expect([because, together, after.winner]).toEqual([['weights all'], false, 'y']);
    expect(differences).toMatchObject([
      {
        kind: 'weights',
        details: ['speed: 70 points, then 30', 'ease: 30 points, then 70'],
        suffices: true,
        needed: true,
      },
    ]);
    expect(profiles.map(({ profile, changed }) => [profile, changed])).toEqual([
      ['all', true],
      ['easy', false],
    ]);
  });

  test('differ by weights of a profile that is not the default: the winner is unchanged', () => {
    const { changed, because, differences } = compareResults(a, withStudy({ profiles: weighed('easy', [90, 10]) }));
    expect([changed, because, differences.map(({ id }) => id)]).toEqual([false, [], ['weights easy']]);
  });

  test('differ by the default profile', () => {
    expect(compareResults(a, withStudy({ defaultProfile: 'easy' })).because).toEqual(['profile']);
  });

  test('differ by a value function', () => {
    const criteria = [
      measured('speed', [
        { at: 0, value: 1 },
        { at: 1, value: 0 },
      ]),
      study.criteria[1],
    ];
    const { because, differences } = compareResults(a, withStudy({ criteria }));
    expect(because).toEqual(['value function speed']);
    expect(differences[0].details).toEqual(['0 at 0, 1 at 1; then 1 at 0, 0 at 1']);
  });

  test('differ by a judgement', () => {
    const criteria = [study.criteria[0], judged('ease', { x: [0.1, 0.2, 0.3], y: [0, 0, 0] })];
    const { because, changed, differences } = compareResults(withStudy({ defaultProfile: 'easy' }), {
      ...withStudy({ criteria, defaultProfile: 'easy' }),
    });
    expect([because, changed]).toEqual([['judgement ease'], true]);
    expect(differences[0].details).toEqual(['y: 0.8 (0.7 to 0.9), then 0 (0 to 0)']);
  });

  test('differ by a gate', () => {
    const gated = { ...a, runs: [runOf('x', { speed: 0.9 }, { findings: [finding('balloon')] }), a.runs[1]] };
    expect(compareResults(gated, { ...gated, study: { ...study, gates: [gate('balloon')] } }).because).toEqual([
      'gates',
    ]);
  });

  test('differ by the version of the program: the runs are named, with it', () => {
    const b: ResultSet = {
      ...a,
      manifest: { ...manifest, engineVersion: '1+bb' },
      runs: [runOf('x', { speed: 0.1 }), runOf('y', { speed: 0.4 })],
    };
    const { because, differences } = compareResults(a, b);
    expect(because).toEqual(['runs suite/load']);
    expect(differences[0].details).toEqual(['version of the program: 1+aa, then 1+bb']);
  });

  test('differ by a parameter of a workload', () => {
    const [workload] = manifest.workloads;
    const workloads = [{ ...workload, parameters: [{ ...workload.parameters[0], value: 9 }] }];
    const b = { ...a, manifest: { ...manifest, workloads }, runs: [runOf('x', { speed: 0.1 }), a.runs[1]] };
    expect(compareResults(a, b).differences).toMatchObject([
      { id: 'runs suite/load', details: ['rate: 5 pages/s, then 9 pages/s'], suffices: true },
    ]);
  });

  test('another version with the same figures is no difference', () => {
    expect(compareResults(a, { ...a, manifest: { ...manifest, engineVersion: '1+bb' } }).identical).toBe(true);
  });

  test('differ by the seed: the samples alone do not change a clear winner', () => {
    const { changed, differences } = compareResults(a, withStudy({ seed: 9 }));
    expect([changed, differences.map(({ id }) => id)]).toEqual([false, ['seed']]);
  });

  test('differ by the number of draws: all runs are swapped at once', () => {
    const b: ResultSet = {
      ...a,
      study: { ...study, draws: 2 },
      runs: [0, 1].flatMap((draw) => [runOf('x', { speed: 0.1 }, { draw }), runOf('y', { speed: 0.4 }, { draw })]),
    };
    const { because, differences } = compareResults(a, b);
    expect(because).toEqual(['runs']);
    expect(differences[0].details).toContain('draws: 1, then 2');
  });

  test('two differences neither of which suffices are named together', () => {
    // 0.6 × 0.5 and 0.7 × 0.3 each leave x ahead of 0.4 × 0.6 and 0.3 × 0.6; 0.6 × 0.3 does not.
    const b: ResultSet = {
      ...withStudy({ profiles: weighed('all', [60, 40]) }),
      runs: [runOf('x', { speed: 0.7 }), a.runs[1]],
    };
    const { because, together, differences } = compareResults(a, b);
    expect([because, together]).toEqual([['weights all', 'runs suite/load'], true]);
    expect(differences.map(({ suffices, needed }) => [suffices, needed])).toEqual([
      [false, true],
      [false, true],
    ]);
  });
});

describe('unlike result sets are refused', () => {
  test.each<[string, Partial<Study>, RegExp]>([
    ['another study', { id: 'other' }, /of the study example, the other of other/],
    ['other alternatives', { alternatives: study.alternatives.slice(1) }, /alternatives differ: only one has x/],
    [
      'other criteria',
      { criteria: [...study.criteria, capability('move', 'migrate')] },
      /criteria differ: only one has move/,
    ],
    [
      'another unit',
      { criteria: [{ ...measured('speed'), unit: 's' } as never, study.criteria[1]] },
      /speed of suite\/load in ms in one and speed of suite\/load in s/,
    ],
    [
      'another workload',
      { criteria: [measured('speed', undefined, 'suite/other'), study.criteria[1]] },
      /suite\/other/,
    ],
    ['another kind', { criteria: [capability('speed', 'migrate'), study.criteria[1]] }, /the criterion speed is/],
    [
      'another default profile that only one has',
      { profiles: study.profiles.slice(1), defaultProfile: 'easy' },
      /only one has the profile all/,
    ],
  ])('%s', (_, change, message) => {
    expect(() => compareResults(a, withStudy(change))).toThrow(message);
  });
});
