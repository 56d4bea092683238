import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The program's own prose, as Markdown. */
export interface AuthoredProse {
  /** What is not modelled. */
  readonly limits: string;
  /** How the figures and the verdict come about. */
  readonly method: string;
}

/** Reads the prose that stands beside the templates. */
export function readProse(templates: string): AuthoredProse {
  const read = (name: string): string => readFileSync(join(templates, 'prose', name), 'utf8');
  return { limits: read('limits.md'), method: read('method.md') };
}
