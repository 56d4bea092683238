import type { Command } from 'commander';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

export function addList(program: Command, terminal: Terminal): void {
  program
    .command('list')
    .description('list the studies, workloads, platforms and memory models that there are')
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  physmap list
  physmap list --json | jq -r '.suites[].workloads[]'
  physmap list --json | jq '.workloads[] | select(.id == "migration/idle") | .parameters, .metrics'`,
    )
    .action(async (options: { readonly json?: true }) => {
      const { listCatalogue } = await import('./catalogue.js');
      const catalogue = listCatalogue();
      if (options.json) {
        writeJson(terminal, catalogue);
        return;
      }
      terminal.out(
        [
          section('Studies', catalogue.studies),
          ...catalogue.suites.map(({ id, workloads }) => section(`Workloads of the suite ${id}`, workloads)),
          section('Platforms', catalogue.platforms),
          section('Memory models', catalogue.models),
        ].join('\n'),
      );
    });
}

function section(title: string, names: readonly string[]): string {
  return `${title}\n${names.map((name) => `  ${name}\n`).join('') || '  none\n'}`;
}
