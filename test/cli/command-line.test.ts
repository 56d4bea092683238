import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { commandLine } from '../../cli/command-line.js';

const options = { studyFile: 'studies/a.yaml', userWorkloads: [] };

it('names the study', () => {
  expect(commandLine(options)).toBe('node dist/cli/main.js run studies/a.yaml');
});

it('has each workload file and the draws', () => {
  expect(commandLine({ ...options, userWorkloads: ['./mine.ts', 'b.ts'], draws: 4 })).toBe(
    'node dist/cli/main.js run studies/a.yaml --workload mine.ts --workload b.ts --draws 4',
  );
});

it('names no folder of the machine where a path was given in full', () => {
  expect(commandLine({ ...options, studyFile: resolve('studies/a.yaml') })).toBe(
    'node dist/cli/main.js run studies/a.yaml',
  );
});

it('can be pasted into a shell when a name has spaces or quotes', () => {
  expect(commandLine({ ...options, studyFile: "my study's.yaml" })).toBe(
    "node dist/cli/main.js run 'my study'\\''s.yaml'",
  );
});
