// Checks the import directions of .dependency-cruiser.cjs, and that something was read: without the
// JavaScript API of TypeScript the cruiser passes with no module at all.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const folders = [
  'contracts',
  'engine',
  'validation',
  'workloads',
  'runner',
  'files',
  'input',
  'sampling',
  'decision',
  'report',
  'cli',
  'bench',
  'test',
].filter((folder) => existsSync(folder));
const result = await cruise(
  folders,
  { ...options, ruleSet: { forbidden }, validate: true, outputType: 'err' },
  undefined,
  {
    tsConfig: extractTSConfig(options.tsConfig.fileName),
  },
);
const { output, exitCode } = result;
const cruised = Number(/(\d+) modules/u.exec(output)?.[1] ?? 0);
console.log(output.trim());
if (exitCode !== 0) process.exit(1);
if (cruised < folders.length) {
  console.error(`import directions: only ${cruised} modules were read`);
  process.exit(1);
}
