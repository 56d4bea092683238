import type { Command } from 'commander';
import type { ExitCode } from './exit-code.js';
import { collect, defaultJobs, wholeNumber } from './options.js';
import { progressOn } from './progress.js';
import { studyFile } from './shipped.js';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

interface RunOptions {
  readonly out: string;
  readonly workload?: readonly string[];
  readonly draws?: number;
  readonly sweep?: readonly string[];
  readonly jobs: number;
  readonly json?: true;
}

export function addRun(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  program
    .command('run')
    .description('run a study: simulate what is not yet stored, decide, and write the report')
    .argument(
      '[study]',
      "path of a study's file, or id of a shipped study (default: the 2006 decision for domain0 on ia64)",
    )
    .option('-o, --out <folder>', 'where results and report go', 'out')
    .option(
      '-w, --workload <file>',
      "also run a workload from the user's own file; may be given more than once",
      collect,
    )
    .option(
      '--draws <number>',
      "runs for each alternative and workload, in place of the study's own",
      wholeNumber(1, 10_000),
    )
    .option(
      '-s, --sweep <grid>',
      'also run a workload over values of one parameter, or of two; may be given more than once',
      collect,
    )
    .option('-j, --jobs <number>', 'runs at the same time', wholeNumber(1, 1024), defaultJobs())
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Runs that are stored in the folder already are used again. A run that was interrupted goes on.

A grid is workload:parameter=from..to/steps, or workload:parameter=value,value,…; a second parameter follows after a comma. It is run under
every alternative beside the sweeps that the study names, and the report has a chart of it.

Examples:
  physmap run
  physmap run --sweep migration/uniform-writer:writeRate=500..16000/6,bandwidth=10,30,100
  physmap run xen-ia64-dom0-2006 --draws 64 --jobs 8
  physmap run my-study.yaml --workload ./mine.ts --out results
  physmap run --json | jq .verdicts`,
    )
    .action(async (named: string | undefined, options: RunOptions) => {
      const { describeOutcome, exitCodeOf, outcomeJson, runPipeline } = await import('./pipeline.js');
      const progress = progressOn(terminal, 'runs');
      const outcome = await runPipeline({
        studyFile: studyFile(named),
        outDir: options.out,
        userWorkloads: options.workload ?? [],
        jobs: options.jobs,
        draws: options.draws,
        sweeps: options.sweep ?? [],
        onProgress: progress.update,
      }).finally(progress.finish);
      if (options.json) writeJson(terminal, outcomeJson(outcome));
      else terminal.out(describeOutcome(outcome));
      finish(exitCodeOf(outcome));
    });
}
