import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../input/package-root.js';
import { runCli } from '../../cli/program.js';
import { physmap } from './built-program.js';
import { recordingTerminal } from './recording-terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'physmap-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));

const shippedStudy = readFileSync(join(packageRoot(), 'studies', 'xen-ia64-dom0-2006.yaml'), 'utf8');
const shippedTrace = readFileSync(join(packageRoot(), 'workloads', 'traces', 'sqlite3.trace'));

/** The shipped study with one text replaced, and the line and column where the new text starts. */
function study(from: string, to: string): { readonly text: string; readonly line: number; readonly column: number } {
  const at = shippedStudy.indexOf(from);
  if (at < 0) throw new Error(`"${from}" is not in the shipped study`);
  const lines = shippedStudy.slice(0, at).split('\n');
  return { text: shippedStudy.replace(from, to), line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

interface Mistake {
  readonly title: string;
  readonly file: string;
  readonly content: string | Uint8Array;
  /** A mistake that has to be reported, less the file. */
  readonly error: Readonly<Record<string, string | number>>;
}

const unknownKey = study('baseline:', 'basline:');
const wrongUnit = study('{at: 30 ms', '{at: 30 MiB');
const negative = study('guestMemory: 256 MiB', 'guestMemory: -256 MiB');
const noWorkload = study('- id: migration/recorded-sqlite', '- id: migration/recorded-sqlit');
const badSum = study('{points: 3,', '{points: 4,');
const bomb = [
  'a: &a [x]',
  ...'bcdefghi'
    .split('')
    .map((name, level) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[level]}`).join(', ')}]`),
];

const mistakes: readonly Mistake[] = [
  {
    title: 'unknown key',
    file: 'unknown-key.yaml',
    content: unknownKey.text,
    error: {
      code: 'unknown-key',
      line: unknownKey.line,
      column: 1,
      field: 'basline',
      hint: 'did you mean "baseline"?',
    },
  },
  {
    title: 'wrong unit',
    file: 'wrong-unit.yaml',
    content: wrongUnit.text,
    error: {
      code: 'wrong-unit',
      line: wrongUnit.line,
      column: wrongUnit.column + 5,
      expected: 'a number and a unit of ns, µs, ms, s, min, h',
    },
  },
  {
    title: 'negative size',
    file: 'negative.yaml',
    content: negative.text,
    error: {
      code: 'out-of-range',
      line: negative.line,
      column: negative.column + 'guestMemory: '.length,
      field: 'workloads[0].parameters.guestMemory',
      message: '"-256 MiB" is below zero',
      expected: 'a quantity of zero or more',
    },
  },
  {
    title: 'a workload that does not exist',
    file: 'no-workload.yaml',
    content: noWorkload.text.replaceAll('workload: migration/recorded-sqlite', 'workload: migration/recorded-sqlit'),
    error: {
      code: 'unknown-name',
      line: noWorkload.line,
      column: noWorkload.column + '- id: '.length,
      field: 'workloads[0].id',
      message: 'there is no workload "migration/recorded-sqlit"',
      hint: 'did you mean "migration/recorded-sqlite"?',
    },
  },
  {
    title: 'points that do not sum to 100',
    file: 'sum.yaml',
    content: badSum.text,
    error: {
      code: 'inconsistent',
      field: 'profiles[0].weights',
      message: 'the points sum to 101',
      expected: 'a sum of 100',
      hint: '1 too many',
    },
  },
  {
    title: 'broken syntax',
    file: 'syntax.yaml',
    content: 'id: x\ntitle: [a\n',
    error: { code: 'syntax', line: 3, column: 1, expected: 'YAML 1.2' },
  },
  {
    title: 'not UTF-8',
    file: 'latin1.yaml',
    content: Buffer.from('id: x\ntitle: M\xfc\n', 'latin1'),
    error: { code: 'encoding', line: 2, column: 9 },
  },
  {
    title: 'an empty file',
    file: 'empty.yaml',
    content: '',
    error: { code: 'syntax', line: 1, column: 1, message: 'is empty' },
  },
  {
    title: 'aliases that expand to a billion entries',
    file: 'bomb.yaml',
    content: `${bomb.join('\n')}\n`,
    error: { code: 'out-of-range', line: 2, column: 8 },
  },
  {
    title: 'YAML that is no study, no platform and no decision table',
    file: 'neither.yaml',
    content: 'a: 1\n',
    error: { code: 'wrong-type', line: 1, column: 1, message: 'is no study, no platform and no decision table' },
  },
  {
    title: 'a truncated trace',
    file: 'truncated.trace',
    content: shippedTrace.subarray(0, shippedTrace.length - 1000),
    error: { code: 'trace' },
  },
  { title: 'a trace that is none', file: 'none.trace', content: 'hello', error: { code: 'trace' } },
  {
    title: 'a workload with a syntax error',
    file: 'syntax.ts',
    content: 'export default {\n  id: ,\n};\n',
    error: { code: 'workload', line: 2, column: 7 },
  },
  {
    title: 'a workload without a default export',
    file: 'empty.ts',
    content: 'export const a = 1;\n',
    error: { code: 'workload', message: 'it has no default export' },
  },
];

describe('each mistake ends with exit code 2, its place, what was expected, and no stack', () => {
  it.each(mistakes)('$title', async ({ file, content, error }) => {
    const path = join(folder, file);
    writeFileSync(path, content);
    const terminal = recordingTerminal();
    const [code, json] = await Promise.all([runCli(['check', path], terminal), physmap('check', path, '--json')]);

    expect([code, terminal.outs()]).toEqual([2, '']);
    expect(terminal.notes()).not.toMatch(/^\s+at /mu);
    const place = [file, error['line'], error['column']].filter((part) => part !== undefined).join(':');
    expect(terminal.notes()).toContain(place);

    expect([json.code, json.stderr]).toEqual([2, '']);
    const { errors } = JSON.parse(json.stdout) as { errors: readonly Record<string, string | number>[] };
    const found = errors.find((each) => Object.entries(error).every(([name, value]) => each[name] === value));
    expect(found ?? errors).toMatchObject({
      file: expect.stringContaining(file),
      expected: expect.any(String),
      ...error,
    });
  });
});

describe('a file that is not there', () => {
  it('as a study: the nearest shipped study is named', async () => {
    const { code, stderr } = await physmap('run', 'xen-ia64-dom0-2005');
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "xen-ia64-dom0-2006"?');
  });

  it('as a path: the nearest file of the folder is named', async () => {
    writeFileSync(join(folder, 'my-study.yaml'), 'id: x\n');
    const { code, stderr } = await physmap('run', join(folder, 'my-stduy.yaml'));
    expect(code).toBe(2);
    expect(stderr).toBe(
      `${join(folder, 'my-stduy.yaml')}: no such file\n  expected the path of a file\n  did you mean "my-study.yaml"?\n`,
    );
  });

  it('as a folder', async () => {
    const { code, stderr } = await physmap('run', `${folder}/`);
    expect([code, stderr]).toEqual([2, `${folder}/: is a folder\n  expected a file\n`]);
  });

  it('as a folder for results, where a file is', async () => {
    writeFileSync(join(folder, 'taken'), '');
    const { code, stderr } = await physmap('run', '--out', join(folder, 'taken'));
    expect(code).toBe(2);
    expect(stderr).toBe(
      `${join(folder, 'taken')}: is in the way: a file, not a folder\n  expected a folder that can be made and written to\n`,
    );
  });

  it('as a workload', async () => {
    const { code, stderr } = await physmap('run', '--workload', join(folder, 'nobody.ts'));
    expect(code).toBe(2);
    expect(stderr).toContain('nobody.ts: ');
  });

  it('as stored results: nothing is simulated, and it says what to run first', async () => {
    const { code, stderr } = await physmap('report', '--out', join(folder, 'nothing'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/are not stored\n.*\n.*physmap run/u);
  });
});
