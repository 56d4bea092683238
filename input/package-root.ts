import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of physmap's own package.json: its data files (platforms, studies, templates) stand there, whether code runs from dist/ or from source. */
export function packageRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name === 'physmap')
      return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of physmap above ${import.meta.dirname}`);
  }
}
