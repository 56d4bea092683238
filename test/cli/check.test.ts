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
