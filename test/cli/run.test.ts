import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallStudy } from '../input/small-study.js';
import { builtProgram, physmap } from './built-program.js';

const folder = mkdtempSync(join(tmpdir(), 'physmap-run-'));
const study = join(folder, 'small.yaml');
/** A guest of 64 MiB, so that a run takes tens of milliseconds. */
const quickStudy = smallStudy.replace('guestMemory: 256 MiB', 'guestMemory: 64 MiB, workingSet: 8 MiB');
beforeAll(() => writeFileSync(study, quickStudy));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly page: string;
  readonly runs: { readonly total: number; readonly computed: number; readonly reused: number };
  readonly failures: readonly string[];
  readonly verdicts: readonly { readonly profile: string; readonly winner: string | null; readonly odds: number }[];
}

async function outcomeOf(...args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await physmap(...args, '--json');
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Outcome;
}

function filesOf(out: string): readonly string[] {
  return ['index.html', 'report.md', 'results.json', 'document.json', 'decision.json'].map((name) =>
    readFileSync(join(out, name), 'utf8'),
  );
}

describe('run and report', () => {
  const out = join(folder, 'out');

  it('run makes alternatives × workloads × draws runs and gives a verdict for each profile', async () => {
    const { runs, failures, verdicts, page } = await outcomeOf('run', study, '--draws', '2', '--out', out);
    expect([runs, failures]).toEqual([{ total: 2 * 1 * 2, computed: 4, reused: 0 }, []]);
    expect(verdicts.map(({ profile }) => profile)).toEqual(['user']);
    expect(existsSync(page)).toBe(true);
  });

  it('a second run simulates nothing and writes the same bytes', async () => {
    const before = filesOf(out);
    const { runs } = await outcomeOf('run', study, '--draws', '2', '--out', out);
    expect(runs).toEqual({ total: 4, computed: 0, reused: 4 });
    expect(filesOf(out)).toEqual(before);
  });

  it('so does report', async () => {
    const before = filesOf(out);
    const { runs } = await outcomeOf('report', study, '--draws', '2', '--out', out);
    expect(runs).toEqual({ total: 4, computed: 0, reused: 4 });
    expect(filesOf(out)).toEqual(before);
  });

  it('the number of jobs changes no byte', async () => {
    const elsewhere = join(folder, 'one-job');
    await outcomeOf('run', study, '--draws', '2', '--out', elsewhere, '--jobs', '1');
    expect(filesOf(elsewhere)).toEqual(filesOf(out));
  });

  it('other draws than before keep draw 0, which has the costs of the platform itself, and no more', async () => {
    const { runs } = await outcomeOf('run', study, '--draws', '3', '--out', out);
    expect(runs).toEqual({ total: 6, computed: 4, reused: 2 });
  });

  it('without --json it says the verdict and where the page is on standard output, progress on standard error', async () => {
    const { code, stdout, stderr } = await physmap('run', study, '--draws', '2', '--out', out);
    expect(code).toBe(0);
    expect(stdout).toContain(`Wrote ${join(out, 'index.html')}\n`);
    expect(stdout).toMatch(/ {2}User: (clear|leaning|open): /u);
    expect(stderr).toBe('runs 4/4, 4 reused\n');
  });
});

describe('a workload that throws', () => {
  it('makes failed runs that are told, in a report that is still written, and exit code 1', async () => {
    const file = join(folder, 'broken.ts');
    writeFileSync(
      file,
      `export default { id: 'mine/broken', title: 'Broken', description: 'It throws.', parameters: {},
         metrics: { a: { title: 'A', unit: 's', better: 'lower' } }, run() { throw new Error('no luck'); } };`,
    );
    const { code, stdout } = await physmap(
      'run',
      study,
      '--draws',
      '1',
      '--out',
      join(folder, 'broken'),
      '--workload',
      file,
      '--json',
    );
    const { failures, page } = JSON.parse(stdout) as Outcome;
    expect(code).toBe(1);
    expect(failures).toEqual(
      ['stay', 'move'].map((alternative) => `mine/broken under ${alternative}, draw 0: no luck`),
    );
    expect(existsSync(page)).toBe(true);
  });
});

describe('ends that are none of its own', () => {
  it('Ctrl+C ends it with 130, and the next run goes on where it stopped', async () => {
    const out = join(folder, 'interrupted');
    const child = spawn(process.execPath, [builtProgram, 'run', study, '--draws', '12', '--out', out, '--jobs', '1'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    for await (const part of child.stderr) {
      if (/runs [1-9]/u.test(String(part))) break;
    }
    child.kill('SIGINT');
    expect(await ended).toBe(130);

    const { runs } = await outcomeOf('run', study, '--draws', '12', '--out', out);
    expect(runs.total).toBe(24);
    expect(runs.reused).toBeGreaterThan(0);
    expect(runs.computed).toBe(24 - runs.reused);
  }, 60_000);

  it('a reader that goes away early is no fault', async () => {
    const child = spawn(process.execPath, [builtProgram, 'list'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString('utf8');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });
});
