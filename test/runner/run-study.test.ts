import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Study } from '../../contracts/study.js';
import { loadRuns, loadWorkloads, runStudy } from '../../runner/index.js';

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
  draws: 3,
  samples: 16,
  alternatives: [alternative('direct', 'direct'), alternative('vp', 'insert')],
  workloads: [{ id: 'control-domain/reach', parameters: { guestMemory: 8 } }],
  gates: [],
  criteria: [],
  profiles: [],
  defaultProfile: '',
};

const OWN = `
import type { Workload } from 'physmap';
import { twice } from './twice.ts';
export default {
  id: 'mine/touch', title: 'Touch', description: 'Touches pages.',
  parameters: { pages: { title: 'Pages', default: 50, unit: 'pages' } },
  metrics: { cost: { title: 'Cost', unit: 'ns', better: 'lower' } },
  run(lab, { pages }) {
    const host = lab.host('source')!;
    const before = host.control.cpuNs;
    for (let page = 0; page < pages; page += 1) host.control.touchKernel(twice(page), true);
    lab.measure('cost', host.control.cpuNs - before);
  },
} satisfies Workload;
`;

describe('running a study', () => {
  let folder: string;
  let own: string;
  const inputs = (outDir: string) => ({
    study,
    studyFile: 'studies/xen-ia64-dom0-2006.yaml',
    outDir,
    userWorkloads: [own],
    command: 'physmap run',
    jobs: 2,
    onProgress: () => {},
  });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'physmap-run-'));
    own = join(folder, 'mine.ts');
    writeFileSync(own, OWN);
    writeFileSync(join(folder, 'twice.ts'), 'export const twice = (n: number): number => n * 2;');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('runs a user’s file from any folder under every alternative, and the difference is the models’', async () => {
    const { runs, computed, reused } = await runStudy(inputs(join(folder, 'a')));
    expect([computed, reused]).toEqual([12, 0]);
    expect(runs.filter(({ failure }) => failure !== null)).toEqual([]);
    const cost = (id: string) =>
      runs.find((run) => run.workload === 'mine/touch' && run.alternative === id && run.draw === 0)!.metrics['cost']
        .value;
    expect(cost('vp')).toBeGreaterThan(cost('direct'));
    const reach = (id: string) =>
      runs.find((run) => run.workload === 'control-domain/reach' && run.alternative === id)!.metrics['reachable'].value;
    expect([reach('direct'), reach('vp')]).toEqual([100, 0]);
  });

  it('a second run reuses every result, and a report can be made without simulating', async () => {
    const first = await runStudy(inputs(join(folder, 'a')));
    expect(first.computed).toBe(0);
    const stored = await loadRuns(inputs(join(folder, 'a')));
    expect(stored.runs).toEqual(first.runs);
    await expect(loadRuns(inputs(join(folder, 'none')))).rejects.toMatchObject({ code: 'missing-file' });
  });

  it('is the same, byte for byte, from two clean folders and whatever the number of workers', async () => {
    const two = await runStudy(inputs(join(folder, 'b')));
    const one = await runStudy({ ...inputs(join(folder, 'c')), jobs: 1 });
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
  });

  it('runs again only what changed', async () => {
    writeFileSync(own, OWN.replace('touchKernel(twice(page), true)', 'touchKernel(page, true)'));
    const { computed, reused } = await runStudy(inputs(join(folder, 'a')));
    expect([computed, reused]).toEqual([6, 6]);
  });

  it('a workload that fails is data: its runs say why, and the others are there', async () => {
    writeFileSync(own, OWN.replace("lab.measure('cost', host.control.cpuNs - before)", "throw new Error('no luck')"));
    const { runs } = await runStudy(inputs(join(folder, 'a')));
    expect(runs.filter(({ workload }) => workload === 'mine/touch').map(({ failure }) => failure)).toEqual(
      Array.from({ length: 6 }, () => 'no luck'),
    );
    expect(runs.filter(({ failure }) => failure === null)).toHaveLength(6);
    writeFileSync(own, OWN.replace("lab.measure('cost'", "lab.measure('costs'"));
    const { runs: wrong } = await runStudy(inputs(join(folder, 'a')));
    expect(wrong.find(({ failure }) => failure !== null)?.failure).toBe(
      'it measured "costs", which is none of its metrics',
    );
  });

  it.each([
    ['no default export', 'export const x = 1;', 'it has no default export'],
    ['no id', OWN.replace("id: 'mine/touch',", ''), 'id is missing'],
    [
      'an id that is taken',
      OWN.replace('mine/touch', 'control-domain/reach'),
      'there is a workload with the id "control-domain/reach" already',
    ],
    ['an id without a suite', OWN.replace('mine/touch', 'touch'), '"touch" is no id of a workload'],
    ['a default out of its range', OWN.replace('default: 50', 'default: 50, max: 40'), '50 is out of range'],
    ['no direction', OWN.replace("better: 'lower'", "better: 'less'"), 'it does not say which way is better'],
    ['a syntax error', OWN.replace('run(lab', 'run((lab'), 'Expected'],
  ])('refuses a user’s file with %s, and says what was expected', async (_what, text, message) => {
    const own = mkdtempSync(join(tmpdir(), 'physmap-own-'));
    onTestFinished(() => rmSync(own, { recursive: true }));
    const file = join(own, 'mine.ts');
    writeFileSync(file, text.replace("import { twice } from './twice.ts';", 'const twice = (n: number) => n;'));
    await expect(loadWorkloads([file])).rejects.toMatchObject({
      code: 'workload',
      message: expect.stringContaining(message),
      expected: expect.any(String),
      where: { file: expect.stringContaining('mine.ts') },
    });
    expect(readFileSync(file, 'utf8')).not.toBe('');
  });
});
