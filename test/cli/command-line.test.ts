import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { commandLine } from '../../cli/command-line.js';

const options = { studyFile: 'mine/a.yaml', userWorkloads: [] };

it('names the study', () => {
  expect(commandLine(options)).toBe('node dist/cli/main.js run mine/a.yaml');
});

it('names a shipped study by its id, which is the same from every folder', () => {
  expect(commandLine({ ...options, studyFile: join('studies', 'xen-ia64-dom0-2006.yaml') })).toBe(
    'node dist/cli/main.js run xen-ia64-dom0-2006',
  );
});

it('has each workload file and the draws', () => {
  expect(commandLine({ ...options, userWorkloads: ['./mine.ts', 'b.ts'], draws: 4 })).toBe(
    'node dist/cli/main.js run mine/a.yaml --workload mine.ts --workload b.ts --draws 4',
  );
});

it('names no folder of the machine where a path was given in full', () => {
  expect(commandLine({ ...options, studyFile: resolve('mine/a.yaml') })).toBe('node dist/cli/main.js run mine/a.yaml');
});

it('can be pasted into a shell when a name has spaces or quotes', () => {
  expect(commandLine({ ...options, studyFile: "my study's.yaml" })).toBe(
    "node dist/cli/main.js run 'my study'\\''s.yaml'",
  );
});
