import type { Command } from 'commander';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

export function addDecide(program: Command, terminal: Terminal): void {
  program
    .command('decide')
    .description(
      'weigh any table of alternatives and criteria: odds, what other methods say, what would change the answer',
    )
    .argument('<file>', 'a table in YAML, JSON or CSV')
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Nothing is simulated: the figures are those of the file, exact or as ranges. Every mistake of the file is named with its line, its
column and what was expected. In CSV a line is a criterion, with the columns criterion, better, and any of unit, worst, best and
weight, then one column for each alternative. A figure is a number, low..likely..high, or empty where there is none.
The methods, and when each misleads, are in docs/concept/decision-methods.md.

Examples:
  physmap decide cars.yaml
  physmap decide cars.csv
  physmap decide cars.yaml --json | jq '.profiles[] | {profile, winner, odds, strength}'`,
    )
    .action(async (file: string, options: { readonly json?: true }) => {
      const { readDecisionTable } = await import('../input/decision-table.js');
      const { analyse } = await import('../decision/index.js');
      const table = readDecisionTable(file);
      const analysis = analyse(table);
      if (options.json) {
        writeJson(terminal, analysis);
        return;
      }
      const { describeAnalysis } = await import('./describe-analysis.js');
      terminal.out(describeAnalysis(table, analysis));
    });
}
