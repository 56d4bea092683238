import { relative } from 'node:path';

/** What changes results. */
export interface ResultOptions {
  readonly studyFile: string;
  readonly userWorkloads: readonly string[];
  readonly draws?: number | undefined;
}

/** The command that makes the same results again, from the folder that the user stands in. */
export function commandLine({ studyFile, userWorkloads, draws }: ResultOptions): string {
  const words = ['node dist/cli/main.js run', quote(here(studyFile))];
  for (const file of userWorkloads) words.push('--workload', quote(here(file)));
  if (draws !== undefined) words.push('--draws', String(draws));
  return words.join(' ');
}

function here(file: string): string {
  return relative(process.cwd(), file).replaceAll('\\', '/');
}

function quote(word: string): string {
  return /^[\w./@:+-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
