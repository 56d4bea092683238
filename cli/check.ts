import type { Command } from 'commander';
import { collect } from './options.js';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

export function addCheck(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .description(
      'look for mistakes in a study, a platform, a decision table, a trace or a workload, without running it',
    )
    .argument(
      '<file>',
      'a study or platform (.yaml), a decision table (.yaml, .json, .csv), a workload (.ts, .js, .mjs) or a trace',
    )
    .option(
      '-w, --workload <file>',
      "a workload from the user's own file that a study names; may be given more than once",
      collect,
    )
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Every mistake of the file is named with its line, its column, what was expected and the nearest valid name.

Examples:
  physmap check my-study.yaml
  physmap check cars.csv
  physmap check ./mine.ts --json`,
    )
    .action(async (file: string, options: { readonly workload?: readonly string[]; readonly json?: true }) => {
      const { checkFile } = await import('./check-file.js');
      const result = await checkFile(file, options.workload ?? []);
      if (options.json) writeJson(terminal, result);
      else terminal.out(`${file}: ${result.kind}, no mistakes\n${result.holds.map((line) => `  ${line}\n`).join('')}`);
    });
}
