import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Study } from '../../contracts/study.js';
import { loadRuns, runStudy } from '../../runner/index.js';
import { pointsOf, valuesAt } from '../../runner/varied-tasks.js';

const alternative = (id: string, model: string): Study['alternatives'][number] => ({
  id,
  title: id,
  short: id,
  description: id,
  roles: { control: { model, options: {}, hypothetical: true } },
});

const workload = 'control-domain/kernel-memory';
const sweep = {
  id: 'grid',
  workload,
  because: '',
  parameters: { footprint: 1, accesses: 1000 },
  axes: [
    { parameter: 'footprint', values: [1, 4] },
    { parameter: 'accesses', values: [500, 1000] },
  ],
  metrics: ['accessTime'],
};

const study: Study = {
  id: 'small',
  title: 'Small',
  question: '?',
  description: '',
  platform: 'ia64-2006',
  baseline: 'direct',
  seed: 3,
  draws: 2,
  samples: 16,
  alternatives: [alternative('direct', 'direct'), alternative('vp', 'insert')],
  workloads: [{ id: workload, parameters: { footprint: 1, accesses: 1000 } }],
  gates: [],
  criteria: [],
  profiles: [],
  defaultProfile: '',
  sweeps: [sweep],
};

it('the points of a grid are all pairs, the first axis going round fastest, and each sets what is swept', () => {
  expect(pointsOf(sweep)).toEqual([
    [1, 500],
    [4, 500],
    [1, 1000],
    [4, 1000],
  ]);
  expect(valuesAt({ ...sweep, parameters: { footprint: 9, other: 2 } }, [4, 500])).toEqual({
    footprint: 4,
    other: 2,
    accesses: 500,
  });
});

describe('a sweep of a study', () => {
  let folder: string;
  const inputs = () => ({
    study,
    studyFile: 'studies/xen-ia64-dom0-2006.yaml',
    outDir: folder,
    userWorkloads: [],
    command: 'physmap run',
    jobs: 2,
    onProgress: () => {},
  });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'physmap-sweep-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('runs every point under every alternative, and the point that is the study’s own is the study’s own run', async () => {
    const { runs, sweeps, computed } = await runStudy(inputs());
    // 2 alternatives × 2 draws, and 3 points more.
    expect([runs.length, computed]).toEqual([4, 4 + 2 * 3]);
    const [{ points }] = sweeps;
    expect(points.map(({ values }) => values)).toEqual(pointsOf(sweep));
    for (const { values, runs: at } of points) {
      const [footprint, accesses] = values;
      expect(at.map((run) => [run.alternative, run.draw, run.parameters, run.failure])).toEqual([
        ['direct', 0, { footprint, accesses }, null],
        ['vp', 0, { footprint, accesses }, null],
      ]);
    }
    const own = runs.filter(({ draw }) => draw === 0).map(({ key }) => key);
    expect(points[2].runs.map(({ key }) => key)).toEqual(own);
  });

  it('is stored, so that a second run makes nothing and a report finds it', async () => {
    const again = await runStudy(inputs());
    expect([again.computed, again.reused]).toEqual([0, 10]);
    const stored = await loadRuns(inputs());
    expect(stored.sweeps).toEqual(again.sweeps);
    const more = { ...sweep, axes: [{ parameter: 'footprint', values: [8, 16] }] };
    await expect(loadRuns({ ...inputs(), study: { ...study, sweeps: [more] } })).rejects.toThrow('4 of the 8 runs');
  });
});
