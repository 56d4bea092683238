import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlipAnalysis } from '../../contracts/flip.js';
import { builtProgram, physmap } from './built-program.js';

const folder = mkdtempSync(join(tmpdir(), 'physmap-flip-'));
const study = join(folder, 'toy.yaml');
const workload = join(folder, 'toy.ts');

/** Touching kernel memory is dear under VP, and moving costs a judged amount: what is preferred depends on the load. */
const toyStudy = `id: toy
title: A toy
question: Which one?
description: Nothing but parts.
platform: ia64-2006
baseline: stay
draws: 1
samples: 64
alternatives:
  - {id: stay, title: Stay, description: As it is., roles: {control: {model: insert}}}
  - {id: move, title: Move, description: As it may be., roles: {control: {model: direct, options: {access: trusted}}}}
workloads:
  - {id: mine/toy, parameters: {touches: 100}}
criteria:
  - id: load
    title: Load
    description: Time to touch.
    kind: measured
    workload: mine/toy
    metric: time
    unit: µs
    value: [{at: 0 µs, value: 1}, {at: 10 ms, value: 0}]
  - id: ease
    title: Ease
    description: How easy it is.
    kind: judged
    unit: points
    value: [{at: 0, value: 0}, {at: 1, value: 1}]
    judgements:
      stay: {low: 1, likely: 1, high: 1, because: Nothing moves., source: judgement}
      move: {low: 0.8, likely: 0.8, high: 0.8, because: Much moves., source: judgement}
profiles:
  - id: user
    title: User
    because: Somebody has to.
    spread: 0
    weights:
      load: {points: 80, because: It hurts.}
      ease: {points: 20, because: It can wait.}
`;

const toyWorkload = `import type { Workload } from 'physmap';
export default {
  id: 'mine/toy', title: 'Touch', description: 'Touches pages of the kernel.',
  parameters: { touches: { title: 'Pages touched', default: 100, unit: '', min: 1, max: 5000 } },
  metrics: { time: { title: 'Time', unit: 'µs', better: 'lower' } },
  run(lab, { touches }) {
    const { control } = lab.host('source')!;
    const before = control.cpuNs;
    for (let page = 0; page < touches; page += 1) control.touchKernel((page * 7) % control.freePages, true);
    lab.measure('time', (control.cpuNs - before) / 1e3);
  },
} satisfies Workload;
`;
beforeAll(() => {
  writeFileSync(study, toyStudy);
  writeFileSync(workload, toyWorkload);
});
afterAll(() => rmSync(folder, { recursive: true }));

type Told = FlipAnalysis & { readonly page: string | null; readonly made: { computed: number; reused: number } };

async function flip(out: string, ...args: readonly string[]): Promise<Told> {
  const { code, stdout, stderr } = await physmap('flip', study, '-w', workload, '--out', out, ...args, '--json');
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Told;
}

describe('flip', () => {
  const out = join(folder, 'out');

  it('finds the number of touches from which moving pays, as a comparison of runs confirms', async () => {
    const { searches, runs, page, nominal, screened } = await flip(out);
    expect(nominal.preferred).toEqual(['stay']);
    expect(screened.map(({ axis }) => `${axis.workload}:${axis.parameter}`)).toEqual(['mine/toy:touches']);
    const [{ crossings, axis }] = searches;
    expect([axis.low, axis.high, axis.scale]).toEqual([10, 1000, 'log']);
    expect(crossings.map(({ before, after, narrow }) => [before, after, narrow])).toEqual([[['stay'], ['move'], true]]);
    const scores = (at: number) => searches[0].points.find((point) => point.at === at)!.scores;
    const [{ low, high }] = crossings;
    expect(scores(low)['stay']).toBeGreaterThan(scores(low)['move']);
    expect(scores(high)['move']).toBeGreaterThan(scores(high)['stay']);
    expect(runs).toBeLessThanOrEqual(400);
    // With one draw the study's own runs are all there, so that the report is written.
    expect(page).toBe(join(out, 'index.html'));
  });

  it('a second search makes no run and writes the same bytes', async () => {
    const before = readFileSync(join(out, 'flips.json'), 'utf8');
    const { made } = await flip(out);
    expect(made.computed).toBe(0);
    expect(readFileSync(join(out, 'flips.json'), 'utf8')).toBe(before);
  });

  it('a range that is asked for is searched alone, within the budget', async () => {
    const { searches, screened, runs } = await flip(
      join(folder, 'asked'),
      '--parameter',
      'mine/toy:touches=1..16',
      '--budget',
      '6',
    );
    expect([screened, searches[0].axis.low, searches[0].axis.high]).toEqual([[], 1, 16]);
    expect(runs).toBe(6);
    expect(searches[0].complete).toBe(false);
  });

  it('an interrupted search goes on where it stopped', async () => {
    const elsewhere = join(folder, 'interrupted');
    const args = [builtProgram, 'flip', study, '-w', workload, '--out', elsewhere, '--jobs', '1'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    for await (const part of child.stderr) if (/runs \d/u.test(String(part))) break;
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    await flip(elsewhere);
    expect(readFileSync(join(elsewhere, 'flips.json'), 'utf8')).toBe(readFileSync(join(out, 'flips.json'), 'utf8'));
  });

  it('a parameter that there is not is a mistake that names the nearest', async () => {
    const { code, stdout } = await physmap('flip', study, '-w', workload, '-p', 'mine/toy:touch', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ errors: [{ message: 'there is no parameter "mine/toy:touch"' }] });
    expect(stdout).toContain('mine/toy:touches');
  });
});
