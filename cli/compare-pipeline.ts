import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../contracts/comparison.js';
import { UnlikeResults, compareResults, type ResultSet } from '../decision/index.js';
import { UserError } from '../input/user-error.js';
import { comparisonNames, differenceWords, headline, verdictWords, writeComparison } from '../report/index.js';
import { makeFolder } from './out-folder.js';

export interface ComparisonOutcome {
  readonly comparison: Comparison;
  readonly text: string;
  /** Null where no folder for a page was named. */
  readonly page: string | null;
}

/** Two folders with results.json → what made the winner change → the page, where one is asked for. */
export function comparePipeline(before: string, after: string, out: string | undefined): ComparisonOutcome {
  const [a, b] = [readResults(before), readResults(after)];
  const comparison = compareSets(a, b, `${before} and ${after}`);
  if (out !== undefined) makeFolder(out);
  const page = out === undefined ? null : writeComparison(comparison, a, b, out);
  return { comparison, page, text: describeComparison(comparison, b, page) };
}

function compareSets(a: ResultSet, b: ResultSet, folders: string): Comparison {
  try {
    return compareResults(a, b);
  } catch (error) {
    if (!(error instanceof UnlikeResults)) throw error;
    throw new UserError({
      code: 'inconsistent',
      message: `${folders} cannot be compared: ${error.message}`,
      expected: 'two result sets of one study, with the same alternatives and criteria',
    });
  }
}

/** The results of a folder, or of the file itself. UserError when there are none. */
function readResults(folder: string): ResultSet {
  const file = existsSync(folder) && statSync(folder).isDirectory() ? join(folder, 'results.json') : folder;
  const fault = (message: string): UserError =>
    new UserError({
      code: 'missing-file',
      message,
      where: { file },
      expected: 'a folder that `physmap run` or `physmap report` wrote, or its results.json',
    });
  if (!existsSync(file)) throw fault('there are no results');
  let parsed: Partial<ResultSet>;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8')) as Partial<ResultSet>;
  } catch {
    throw fault('it is no JSON document');
  }
  const { study, manifest, runs } = parsed ?? {};
  if (study?.profiles === undefined || manifest?.inputs === undefined || !Array.isArray(runs))
    throw fault('it holds no results of physmap');
  return { study, manifest, runs };
}

function describeComparison(comparison: Comparison, b: ResultSet, page: string | null): string {
  const names = comparisonNames(b);
  const lines = [
    headline(comparison, names),
    `  before: ${verdictWords(comparison.before, names)}`,
    `  after:  ${verdictWords(comparison.after, names)}`,
  ];
  if (comparison.identical) lines.push('Nothing differs that a decision depends on.');
  for (const each of comparison.differences) {
    lines.push(`${differenceWords(each, names)}: alone it makes ${verdictWords(each.alone, names)}`);
    for (const detail of each.details.slice(0, 10)) lines.push(`  ${detail}`);
    if (each.details.length > 10) lines.push(`  and ${each.details.length - 10} more`);
  }
  const others = comparison.profiles.filter(({ profile, changed }) => changed && profile !== comparison.profile);
  for (const { profile, before, after } of others)
    lines.push(`${names.profile(profile)}: ${verdictWords(before, names)}, then ${verdictWords(after, names)}`);
  if (page !== null) lines.push(`Wrote ${page}`);
  return `${lines.join('\n')}\n`;
}
