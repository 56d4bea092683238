import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunManifest, RunResult } from '../../contracts/run.js';
import type { Study } from '../../contracts/study.js';
import { decide } from '../../decision/index.js';
import { packageRoot } from '../../input/package-root.js';
import { renderReport } from '../../report/write.js';
import { capability, finding, gate, judged, measured, runOf, studyOf } from '../decision/example.js';

const manifest: RunManifest = {
  study: 'example',
  engineVersion: '1',
  platform: { id: 'none', title: 'None', models: {}, settings: [] },
  costs: [],
  workloads: [{ id: 'suite/load', title: 'Load', description: '', parameters: [], trace: null }],
  inputs: {},
  command: 'physmap run example',
};

/** The page as it is read: its words, without markup. */
async function pageOf(study: Study, runs: readonly RunResult[]): Promise<string> {
  const decision = decide(study, runs, manifest.costs);
  const files = await renderReport({ study, manifest, runs, decision }, join(packageRoot(), 'templates'));
  const html = (files.get('index.html') ?? '').replace(/^[\s\S]*<main>/u, '').replace(/<svg[\s\S]*?<\/svg>/gu, '');
  return html
    .replace(/<[^>]*>/gu, ' ')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/gu, ' ');
}

const two = { alternatives: ['a', 'b'], samples: 64 } as const;
const both = (x: Readonly<Record<string, readonly [number, number]>>): readonly RunResult[] =>
  ['a', 'b'].map((id, at) => runOf(id, Object.fromEntries(Object.entries(x).map(([name, pair]) => [name, pair[at]]))));

describe('what has a defined outcome is said on the page', () => {
  test('ties', async () => {
    const page = await pageOf(
      studyOf({ ...two, criteria: [measured('x')], points: { one: [100] } }),
      both({ x: [0.5, 0.5] }),
    );
    expect(page).toContain(
      '“a” and “b” are first equally often, in 50 % of the samples each: nothing here tells them apart.',
    );
    expect(page).toContain('Knowing everything would be worth nothing: the same alternative is best in every sample.');
    expect(page).toContain('a and b: additive value, weighted sum (3)');
  });

  test('a constant column', async () => {
    const study = studyOf({ ...two, criteria: [measured('x'), measured('same')], points: { one: [60, 40] } });
    const page = await pageOf(study, both({ x: [0.2, 0.6], same: [0.4, 0.4] }));
    expect(page).toContain('The same under every alternative, so that it cannot decide anything: same.');
    expect(page).toContain('On the Pareto front stands b, at the likely figures.');
    expect(page).toContain('a is dominated by b, in every sample too.');
  });

  test('one alternative', async () => {
    const page = await pageOf(studyOf({ alternatives: ['a'], criteria: [measured('x')], points: { one: [100] } }), [
      runOf('a', { x: 0.4 }),
    ]);
    expect(page).toContain('a: the study has no other alternative.');
    expect(page.match(/The study has no alternative but a, so there is nothing to compare\./gu)).toHaveLength(3);
  });

  test('all gates failed', async () => {
    const study = studyOf({ ...two, criteria: [measured('x')], points: { one: [100] }, gates: [gate('migrate')] });
    const page = await pageOf(
      study,
      ['a', 'b'].map((id) => runOf(id, { x: 1 }, { findings: [finding('migrate')] })),
    );
    expect(page).toContain('no recommendation');
    expect(page).toContain('No alternative passes every gate, so none is recommended.');
    expect(page.match(/No alternative passes every gate, so there is nothing to compare\./gu)).toHaveLength(3);
  });

  test('all gates but one alternative’s failed', async () => {
    const study = studyOf({ ...two, criteria: [measured('x')], points: { one: [100] }, gates: [gate('migrate')] });
    const page = await pageOf(study, [runOf('a', { x: 1 }, { findings: [finding('migrate')] }), runOf('b', { x: 0 })]);
    expect(page).toContain('b: the only alternative that passes every gate.');
    expect(page).toContain('Only b passes every gate, so there is nothing to compare.');
  });

  test('a criterion with no measurement', async () => {
    const study = studyOf({ ...two, criteria: [measured('x'), measured('y')], points: { one: [60, 40] } });
    const page = await pageOf(study, both({ x: [0.2, 0.6] }));
    expect(page).toContain(
      'y: no figure was obtained under a and b. It counts there as the worst value and has no figure.',
    );
    expect(page).toContain('no result y: there is no figure under a');
  });

  test('zero and negative values under each method', async () => {
    const value = { kind: 'linear', better: 'higher', worst: -10, best: 10 } as const;
    const cost = { kind: 'linear', better: 'lower', worst: 10, best: 0 } as const;
    const study = studyOf({
      ...two,
      criteria: [measured('gain', value), measured('loss', cost)],
      points: { one: [60, 40] },
    });
    const negative = await pageOf(study, both({ gain: [-2, 3], loss: [1, 2] }));
    expect(negative).toContain('no result gain: figures below zero have no shares of a sum');
    expect(negative).toContain('no result a power of a figure below zero means nothing');
    const zero = await pageOf(study, both({ gain: [2, 3], loss: [0, 2] }));
    expect(zero).toContain(
      'no result loss: less is better, and a figure that is not above zero has no reciprocal that means that',
    );
    expect(zero).toMatch(/variants? (has|have) no result; the table says why\./u);
  });

  test('weights are never mended by scaling: the page says so, and a study whose points do not sum has no page', async () => {
    const study = studyOf({ ...two, criteria: [measured('x'), measured('y')], points: { one: [60, 40] } });
    expect(await pageOf(study, both({ x: [0, 1], y: [1, 0] }))).toContain(
      'Points that sum to 100, which is checked and never mended by scaling.',
    );
    const wrong = studyOf({ ...two, criteria: [measured('x'), measured('y')], points: { one: [60, 30] } });
    expect(() => decide(wrong, [])).toThrow('profile one: the points sum to 90, not to 100');
  });

  test('one profile only: no other weights are spoken of', async () => {
    const criteria = [measured('x'), capability('move', 'migrate')];
    const alone = await pageOf(studyOf({ ...two, criteria, points: { one: [60, 40] } }), both({ x: [0.2, 0.6] }));
    expect(alone).not.toContain('With other weights');
    expect(alone).not.toContain('With the weights of two');
    const more = await pageOf(
      studyOf({ ...two, criteria, points: { one: [60, 40], two: [50, 50] } }),
      both({ x: [0.2, 0.6] }),
    );
    expect(more).toContain('With other weights');
    expect(more.match(/With the weights of two /gu)).toHaveLength(3);
  });
});

describe('how values and weights were given is said on the page', () => {
  const free = { kind: 'linear', better: 'higher', worst: null, best: null } as const;
  const criteria = [
    measured('x', { ...free, worst: 0 }),
    judged('y', { a: [1, 2, 3], b: [2, 2, 2] }, { kind: 'exponential', better: 'higher', worst: 0, best: 10, half: 3 }),
    measured('z', free),
  ];
  const runs = both({ x: [4, 8], z: [1, 3] });
  const base = studyOf({ ...two, criteria, points: { one: [0, 0, 0] } });

  test('ends of value functions, and which come from the data', async () => {
    const weights = { kind: 'unknown' } as const;
    const page = await pageOf({ ...base, profiles: base.profiles.map((profile) => ({ ...profile, weights })) }, runs);
    expect(page).toContain('0 at 0 ms, 1 at 8 ms (from the data), along a straight line');
    expect(page).toContain('0 at 0 points, 1 at 10 points, one half at 3 points, along a curve');
    expect(page).toContain('0 at 1 ms (from the data), 1 at 3 ms (from the data), along a straight line');
    expect(page).toContain('Nothing is known of the weights: every sample draws from all that there are.');
  });

  test('pairwise comparisons with their consistency ratio and the table of random indices', async () => {
    const weights = {
      kind: 'pairwise',
      pairs: [
        ['x', 'y', 5],
        ['y', 'z', 5],
        ['x', 'z', 1],
      ],
      randomIndex: 'Saaty 1980',
      spread: 0.2,
    } as const;
    const page = await pageOf({ ...base, profiles: base.profiles.map((profile) => ({ ...profile, weights })) }, runs);
    expect(page).toContain(
      'Weights from comparing the criteria by pairs (AHP). Each weight may be off by up to 20 % either way',
    );
    expect(page).toMatch(
      /Consistency ratio of the comparisons of the criteria: \d\.\d+ by the random indices of Saaty 1980; 0\.1 or more: the comparisons contradict each other/u,
    );
  });
});
