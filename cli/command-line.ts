import { basename, dirname, join, relative, resolve } from 'node:path';
import { packageRoot } from '../input/package-root.js';

/** What changes results. */
export interface ResultOptions {
  readonly studyFile: string;
  readonly userWorkloads: readonly string[];
  readonly draws?: number | undefined;
  /** Sweeps beside the study's own, as the caller wrote them. */
  readonly sweeps?: readonly string[];
}

/** The command that makes the same results again, from the folder that the user stands in. */
export function commandLine({ studyFile, userWorkloads, draws, sweeps = [] }: ResultOptions): string {
  const words = ['node dist/cli/main.js run', quote(shippedId(studyFile) ?? here(studyFile))];
  for (const file of userWorkloads) words.push('--workload', quote(here(file)));
  if (draws !== undefined) words.push('--draws', String(draws));
  for (const sweep of sweeps) words.push('--sweep', quote(sweep));
  return words.join(' ');
}

/** The command that finds the same flip points again. */
export function flipCommandLine(
  options: ResultOptions & {
    readonly budget: number;
    readonly resolution: number;
    readonly parameters: readonly string[];
  },
): string {
  const words = [commandLine({ ...options, draws: undefined }).replace(' run ', ' flip ')];
  for (const parameter of options.parameters) words.push('--parameter', quote(parameter));
  words.push('--budget', String(options.budget), '--resolution', String(options.resolution));
  return words.join(' ');
}

/** The id of a study that comes with physmap, so that the command is the same from every folder. */
function shippedId(file: string): string | null {
  return dirname(resolve(file)) === join(packageRoot(), 'studies') ? basename(file, '.yaml') : null;
}

function here(file: string): string {
  return relative(process.cwd(), file).replaceAll('\\', '/');
}

function quote(word: string): string {
  return /^[\w./@:+=,-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
