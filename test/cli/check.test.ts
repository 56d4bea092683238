import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../cli/program.js';
import { packageRoot } from '../../input/package-root.js';
import { recordingTerminal } from './recording-terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'physmap-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly note: string }> {
  const terminal = recordingTerminal();
  const code = await runCli(args, terminal);
  return { code, out: terminal.outs(), note: terminal.notes() };
}

describe('every file that ships is without mistakes', () => {
  const shipped = ['studies', 'platforms', 'workloads/traces'].flatMap((name) =>
    readdirSync(join(packageRoot(), name))
      .filter((file) => name !== 'workloads/traces' || file.endsWith('.trace'))
      .map((file) => join(packageRoot(), name, file)),
  );

  it.each(shipped)('%s', async (file) => {
    const { code, note } = await run('check', file);
    expect([note, code]).toEqual(['', 0]);
  });
});

describe('a decision table', () => {
  const rows = '{id: price, better: lower, figures: {a: 4, b: 5}}';
  const table = (points: number) =>
    `title: Cars\nalternatives: [a, b]\ncriteria: [${rows}]\nprofiles: [{id: any, weights: {points: {price: ${points}}}}]\n`;

  it.each([
    ['cars.yaml', table(100), 'Cars'],
    [
      'cars.json',
      JSON.stringify({
        title: 'Cars',
        alternatives: ['a', 'b'],
        criteria: [{ id: 'price', better: 'lower', figures: { a: 4, b: 5 } }],
        profiles: [{ id: 'any', weights: { unknown: true } }],
      }),
      'Cars',
    ],
    ['cars.csv', 'criterion,better,a,b\nprice,lower,4,5\n', 'cars.csv'],
  ])('is known in %s', async (name, text, title) => {
    writeFileSync(join(folder, name), text);
    const { code, out } = await run('check', join(folder, name), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      file: join(folder, name),
      kind: 'decision table',
      holds: [title, '2 alternatives', '1 criteria', '0 gates', '1 profiles'],
    });
  });

  it('with a mistake is refused with its place', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, table(90));
    const { code, note } = await run('check', file);
    expect(code).toBe(2);
    expect(note).toContain(`${file}:4:32: profiles[0].weights.points: the points sum to 90`);
  });

  it('that leaves out a part is still one: the part is named', async () => {
    const file = join(folder, 'part.yaml');
    writeFileSync(file, `title: Cars\ncriteria: [${rows}]\n`);
    const { note } = await run('check', file);
    expect(note).toContain('"alternatives" is missing');
    expect(note).not.toContain('workloads');
  });

  it('is not what any file is: one without a telling key is refused with what is known', async () => {
    const file = join(folder, 'other.yaml');
    writeFileSync(file, 'colour: red\n');
    const { code, note } = await run('check', file);
    expect(code).toBe(2);
    expect(note).toContain('is no study, no platform and no decision table');
  });
});

describe('trace import', () => {
  const lackey = join(folder, 'lackey.txt');
  const trace = join(folder, 'made', 'small.trace');
  writeFileSync(lackey, 'I  04000000,3\n L 04001000,8\n S 04001ff8,8\n M 04003000,4\n S 04003fff,2\n');

  it('makes a trace of the accesses of the text, which check then takes', async () => {
    // A modify is one store, and an access that crosses into another page counts on each: 1 + 1 + 1 + 2 on three pages.
    const imported = await run('trace', 'import', lackey, trace, '--json');
    expect(imported.code).toBe(0);
    expect(JSON.parse(imported.out)).toMatchObject({ file: trace, accesses: 5, loads: 1, stores: 4, distinctPages: 3 });

    const { code, out } = await run('check', trace, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      file: trace,
      kind: 'trace',
      holds: expect.arrayContaining(['5 accesses']),
    });
  });

  it('leaves no file behind when the text is wrong', async () => {
    writeFileSync(lackey, ' L 04001000,8\nnonsense\n');
    const out = join(folder, 'bad.trace');
    const { code, note } = await run('trace', 'import', lackey, out);
    expect(code).toBe(2);
    expect(note).toContain(`${lackey}:2:1: `);
    expect(readdirSync(folder).filter((name) => name.startsWith('bad'))).toEqual([]);
  });
});
