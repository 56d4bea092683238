import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Sources of the templates, by name. */
export interface TemplateSources {
  readonly page: string;
  /** The page of a comparison. */
  readonly comparison: string;
  readonly partials: Readonly<Record<string, string>>;
  readonly css: string;
}

/** Reads the pages, the partials and the style sheet from a folder. */
export function readTemplates(folder: string): TemplateSources {
  const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8');
  const partials = readdirSync(join(folder, 'partials'))
    .filter((file) => file.endsWith('.hbs'))
    .toSorted()
    .map((file) => [basename(file, '.hbs'), read('partials', file)] as const);
  return {
    page: read('page.hbs'),
    comparison: read('comparison.hbs'),
    partials: Object.fromEntries(partials),
    css: read('theme.css'),
  };
}
