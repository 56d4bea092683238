import { describe, expect, it } from 'vitest';
import { runCli } from '../../cli/program.js';
import { recordingTerminal } from './recording-terminal.js';

async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly note: string }> {
  const terminal = recordingTerminal();
  const code = await runCli(args, terminal);
  return { code, out: terminal.outs(), note: terminal.notes() };
}

describe('help', () => {
  it('goes to standard output, has examples and the exit codes, and ends with 0', async () => {
    const { code, out, note } = await run('--help');
    expect([code, note]).toEqual([0, '']);
    expect(out).toContain('Examples:');
    for (const exit of [0, 1, 2, 130]) expect(out).toMatch(new RegExp(`^ {2}${exit} `, 'mu'));
  });

  it.each(['run', 'report', 'list', 'check', 'decide', 'trace import', 'validate'])(
    'of %s has examples and --json',
    async (command) => {
      const { code, out } = await run(...command.split(' '), '--help');
      expect(code).toBe(0);
      expect(out).toContain('Examples:');
      expect(out).toContain('--json');
    },
  );

  it('--version prints the version alone', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/u);
  });
});

describe('a command line that is wrong ends with 2, names what was wrong and the nearest valid name', () => {
  it.each([
    [['rnu'], /unknown command 'rnu'\n {2}did you mean run\?\n/u],
    [['run', '--darws', '3'], /unknown option '--darws'\n {2}did you mean --draws\?\n/u],
    [['run', '--draws', '0'], /'--draws <number>' argument '0' is invalid\. expected a whole number from 1 to 10000/u],
    [['run', '--jobs', '1.5'], /expected a whole number/u],
    [['run', '--out'], /option '-o, --out <folder>' argument missing/u],
    [['check'], /missing required argument 'file'/u],
    [['list', 'more'], /too many arguments/u],
    [['trace', 'imprt'], /unknown command 'imprt'\n {2}did you mean import\?/u],
    [[], /no command given/u],
    [['trace'], /no command given/u],
  ])('%j', async (args, message) => {
    const { code, out, note } = await run(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(note).toMatch(message);
    expect(note).not.toMatch(/^\s+at /mu);
  });

  it('in JSON too, on standard output and alone there', async () => {
    const { code, out, note } = await run('run', '--darws', '--json');
    expect([code, note]).toEqual([2, '']);
    expect(JSON.parse(out)).toEqual({
      errors: [{ code: 'usage', message: "unknown option '--darws'", hint: 'did you mean --draws?' }],
    });
  });
});

describe('list', () => {
  it('--json has the ids of models, platforms, suites with their workloads, and studies', async () => {
    const { code, out } = await run('list', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      models: expect.arrayContaining(['direct', 'p2m', 'insert']),
      platforms: ['altix-2006', 'arm64-2026', 'ia64-2006', 'opteron-2006', 'ppc64-2006', 'x86-64-2006', 'x86-64-2026'],
      suites: expect.arrayContaining([
        { id: 'migration', workloads: expect.arrayContaining(['migration/recorded-sqlite']) },
      ]),
      studies: [
        'memory-of-a-large-host-2006',
        'memory-of-guests-2026',
        'xen-arm64-driver-2026',
        'xen-ia64-dom0-2006',
        'xen-x86-dom0-2026',
      ],
    });
  });

  it('names each of them in words as well', async () => {
    const { out } = await run('list');
    for (const id of ['direct', 'ia64-2006', 'migration/recorded-sqlite', 'xen-ia64-dom0-2006'])
      expect(out).toContain(`  ${id}\n`);
  });
});
