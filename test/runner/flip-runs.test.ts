import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Study } from '../../contracts/study.js';
import { flipBasis, openFlipRuns, runStudy } from '../../runner/index.js';

const alternative = (id: string, model: string): Study['alternatives'][number] => ({
  id,
  title: id,
  short: id,
  description: id,
  roles: { control: { model, options: {}, hypothetical: true } },
});

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
  workloads: [
    { id: 'control-domain/kernel-memory', parameters: { footprint: 1, accesses: 1000 } },
    { id: 'control-domain/reach', parameters: { guestMemory: 8 } },
  ],
  gates: [],
  criteria: [],
  profiles: [],
  defaultProfile: '',
};

describe('runs at other values of a parameter', () => {
  let folder: string;
  const inputs = () => ({
    study,
    studyFile: 'studies/xen-ia64-dom0-2006.yaml',
    outDir: folder,
    userWorkloads: [],
    command: 'physmap run',
    jobs: 2,
  });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'physmap-flip-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('at the study’s own value is the study’s own run, and only what is missing is made', async () => {
    const { runs, manifest } = await runStudy({ ...inputs(), onProgress: () => {} });
    const stored = () => readdirSync(join(folder, 'small', 'runs')).length;
    expect(stored()).toBe(8);

    const progress: (readonly [number, number])[] = [];
    const open = () => openFlipRuns({ ...inputs(), onRun: (computed, reused) => progress.push([computed, reused]) });
    const flips = await open();
    const own = await flips.nominal();
    expect(own.map(({ key }) => key).toSorted()).toEqual(
      runs
        .filter(({ draw }) => draw === 0)
        .map(({ key }) => key)
        .toSorted(),
    );
    const at = (value: number) => ({ workload: 'control-domain/kernel-memory', parameter: 'footprint', value });
    const [same, wide] = await flips.vary([at(1), at(64)]);
    await flips.close();
    expect(same.map(({ key }) => key)).toEqual(own.slice(0, 2).map(({ key }) => key));
    expect(wide.map((run) => [run.alternative, run.draw, run.parameters, run.failure])).toEqual([
      ['direct', 0, { footprint: 64, accesses: 1000 }, null],
      ['vp', 0, { footprint: 64, accesses: 1000 }, null],
    ]);
    expect(flips.counts()).toEqual({ computed: 2, reused: 6 });
    expect(progress.at(-1)).toEqual([2, 6]);
    expect(stored()).toBe(10);
    expect(flipBasis(flips.manifest)).toBe(flipBasis(manifest));

    const again = await open();
    const [first] = await again.vary([at(64)]);
    await again.close();
    expect(first).toEqual(wide);
    expect(again.counts()).toEqual({ computed: 0, reused: 2 });
  });

  it('another version or input file is another basis', async () => {
    const flips = await openFlipRuns({ ...inputs(), onRun: () => {} });
    await flips.close();
    const { manifest } = flips;
    const basis = flipBasis(manifest);
    expect(flipBasis({ ...manifest, engineVersion: 'another' })).not.toBe(basis);
    expect(flipBasis({ ...manifest, inputs: { ...manifest.inputs, 'mine.ts': '00' } })).not.toBe(basis);
  });
});
