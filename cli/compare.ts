import type { Command } from 'commander';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

export function addCompare(program: Command, terminal: Terminal): void {
  program
    .command('compare')
    .description('say whether two result sets have the same winner, and if not, what made it change')
    .argument('<before>', 'a folder that `physmap run` wrote, or its results.json')
    .argument('<after>', 'another, of the same study')
    .option('-o, --out <folder>', 'also write the comparison as a page into this folder')
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Weights, value functions, judgements, gates, seed, samples and the runs of each workload are swapped one at a time, and the
decision is made again. Sets of other studies, alternatives, criteria or units are refused.

Examples:
  physmap compare out-before out
  physmap compare out-before out --out comparison
  physmap compare out-before out --json | jq .because`,
    )
    .action(async (before: string, after: string, options: { readonly out?: string; readonly json?: true }) => {
      const { comparePipeline } = await import('./compare-pipeline.js');
      const { comparison, text, page } = comparePipeline(before, after, options.out);
      if (options.json) writeJson(terminal, { ...comparison, page });
      else terminal.out(text);
    });
}
