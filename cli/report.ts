import type { Command } from 'commander';
import type { ExitCode } from './exit-code.js';
import { collect, wholeNumber } from './options.js';
import { studyFile } from './shipped.js';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

interface ReportOptions {
  readonly out: string;
  readonly workload?: readonly string[];
  readonly draws?: number;
  readonly sweep?: readonly string[];
  readonly json?: true;
}

export function addReport(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  program
    .command('report')
    .description('decide and write the report again from stored results, without simulating')
    .argument(
      '[study]',
      "path of a study's file, or id of a shipped study (default: the 2006 decision for domain0 on ia64)",
    )
    .option('-o, --out <folder>', 'where the results are and the report goes', 'out')
    .option(
      '-w, --workload <file>',
      'a workload file that the results were made with; may be given more than once',
      collect,
    )
    .option('--draws <number>', 'the number of draws that the results were made with', wholeNumber(1, 10_000))
    .option('-s, --sweep <grid>', 'a sweep that the results were made with; may be given more than once', collect)
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Weights, judgements and value functions of the study may have changed since the run; what was simulated may not.

Examples:
  physmap report
  physmap report my-study.yaml --out results`,
    )
    .action(async (named: string | undefined, options: ReportOptions) => {
      const { describeOutcome, exitCodeOf, outcomeJson, reportPipeline } = await import('./pipeline.js');
      const outcome = await reportPipeline({
        studyFile: studyFile(named),
        outDir: options.out,
        userWorkloads: options.workload ?? [],
        draws: options.draws,
        sweeps: options.sweep ?? [],
      });
      if (options.json) writeJson(terminal, outcomeJson(outcome));
      else terminal.out(describeOutcome(outcome));
      finish(exitCodeOf(outcome));
    });
}
