import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { didYouMean, oneOf } from '../input/nearest.js';
import { packageRoot } from '../input/package-root.js';
import { UserError } from '../input/user-error.js';

const defaultStudy = 'xen-ia64-dom0-2006';

/** Ids of the studies that come with physmap. */
export function shippedStudies(): readonly string[] {
  return yamlNames('studies');
}

/** Ids of the platforms that come with physmap. */
export function shippedPlatforms(): readonly string[] {
  return yamlNames('platforms');
}

export function platformFile(id: string): string {
  return join(packageRoot(), 'platforms', `${id}.yaml`);
}

function yamlNames(folder: string): readonly string[] {
  const path = join(packageRoot(), folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => basename(name, '.yaml'))
    .toSorted();
}

/** The file of a study that is named by its path or by the id of a shipped one; without a name, the default study. */
export function studyFile(named: string | undefined): string {
  const name = named ?? defaultStudy;
  if (named !== undefined && (existsSync(named) || /[/\\]|\.ya?ml$/u.test(named))) return named;
  const ids = shippedStudies();
  if (ids.includes(name)) return relative(process.cwd(), join(packageRoot(), 'studies', `${name}.yaml`));
  const hint = didYouMean(name, ids);
  throw new UserError({
    code: 'missing-file',
    message: `there is no file and no study "${name}"`,
    where: { file: name },
    expected: `the path of a study's file, or the id of a shipped study: ${oneOf(ids)}`,
    ...(hint === undefined ? {} : { hint }),
  });
}
