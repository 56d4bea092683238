import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../contracts/run.js';
import { packageRoot } from '../../input/package-root.js';
import { physmap } from './built-program.js';

const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
const example = /```ts\n(?<code>.*?)```/su.exec(readme)?.groups?.['code'] ?? '';

describe('the commands of the first screen', () => {
  it.each([/^npm ci && npm start( |$)/mu, /^npm ci && npm test( |$)/mu])('%s is there, word for word', (command) => {
    expect(readme.split('\n').slice(0, 25).join('\n')).toMatch(command);
  });

  it('CI runs exactly the one that tests', () => {
    const lines = readFileSync(join(packageRoot(), '.ci', 'run'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.at(-1)).toBe('npm ci && npm test');
  });
});

describe("the README's own workload", () => {
  const folder = mkdtempSync(join(tmpdir(), 'physmap-readme-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => writeFileSync(join(folder, 'mine.ts'), example));

  it('has the type that the package exports', () => {
    // Inside the package, because only there its own name resolves without an installation.
    const inside = join(packageRoot(), 'out', `readme-${process.pid}`);
    mkdirSync(inside, { recursive: true });
    try {
      writeFileSync(join(inside, 'mine.ts'), example);
      const tsc = join(packageRoot(), 'node_modules', '@typescript', 'native', 'bin', 'tsc');
      const options = [
        '--noEmit',
        '--strict',
        '--ignoreConfig',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        '',
      ];
      expect(execFileSync(process.execPath, [tsc, ...options, join(inside, 'mine.ts')], { encoding: 'utf8' })).toBe('');
    } finally {
      rmSync(inside, { recursive: true });
    }
  });

  it('runs from a folder with nothing installed, under every alternative, and its metric is in the report', async () => {
    const out = join(folder, 'out');
    const { code, stdout, stderr } = await physmap(
      'run',
      '--workload',
      join(folder, 'mine.ts'),
      '--out',
      out,
      '--draws',
      '1',
      '--json',
    );
    expect(stderr).not.toContain('fault');
    expect([code, (JSON.parse(stdout) as { failures: unknown }).failures]).toEqual([0, []]);

    const { runs } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as { runs: readonly RunResult[] };
    const mine = runs.filter(({ workload }) => workload === 'mine/log-writer');
    const alternatives = new Set(runs.map(({ alternative }) => alternative));
    expect(alternatives.size).toBe(4);
    expect(new Set(mine.map(({ alternative }) => alternative))).toEqual(alternatives);
    for (const run of mine) expect(run.metrics['downtime'].value).toBeGreaterThan(0);

    expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain('Downtime of the log writer');
  }, 120_000);
});

describe('what else it says', () => {
  it('names every command that the help names', async () => {
    const { stdout } = await physmap('--help');
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) .*(?:\[options\]|<)/gmu)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(3);
    for (const name of commands) expect(readme).toContain(`| \`${name}`);
  });
});
