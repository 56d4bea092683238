import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../input/package-root.js';
import { UserError } from '../input/user-error.js';

const FOLDERS = ['engine', 'workloads', 'sampling', 'runner'];

/**
 * The version of the package and a hash of the built code that results depend on, so that results of other code are
 * never taken for results of this.
 */
export const readEngineVersion = (): string => {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  if (!existsSync(join(root, 'dist', 'runner', 'worker.js'))) {
    throw new UserError({
      code: 'environment',
      message: 'it is not built, and runs are made by the built program',
      where: { file: join(root, 'dist') },
      expected: 'the output of `npm run build`',
      hint: 'run `npm run build` once, also before `npm run dev -- run`',
    });
  }
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    const path = join(root, 'dist', folder);
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    for (const name of files.toSorted()) hash.update(name).update(readFileSync(join(path, name)));
  }
  return `${version}+${hash.digest('hex').slice(0, 12)}`;
};
