import type { Command } from 'commander';
import type { ExitCode } from './exit-code.js';
import { exitCode } from './exit-code.js';
import { collect, defaultJobs, share, wholeNumber } from './options.js';
import { progressOn } from './progress.js';
import { studyFile } from './shipped.js';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

interface FlipOptions {
  readonly out: string;
  readonly workload?: readonly string[];
  readonly parameter?: readonly string[];
  readonly budget: number;
  readonly resolution: number;
  readonly draws?: number;
  readonly jobs: number;
  readonly json?: true;
}

export function addFlip(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  program
    .command('flip')
    .description("find where a workload's parameter changes the preferred alternative")
    .argument(
      '[study]',
      "path of a study's file, or id of a shipped study (default: the 2006 decision for domain0 on ia64)",
    )
    .option('-o, --out <folder>', 'where results and report go', 'out')
    .option('-w, --workload <file>', "a workload from the user's own file; may be given more than once", collect)
    .option(
      '-p, --parameter <name>',
      'workload:parameter, or workload:parameter=from..to; may be given more than once',
      collect,
    )
    .option('--budget <runs>', 'most runs that the search may take', wholeNumber(0, 1_000_000), 400)
    .option('--resolution <share>', 'width of an interval that is narrow enough, as a share of its range', share, 0.01)
    .option('--draws <number>', 'the number of draws that the report was made with', wholeNumber(1, 10_000))
    .option('-j, --jobs <number>', 'runs at the same time', wholeNumber(1, 1024), defaultJobs())
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Without --parameter it looks at what the study names under "flips"; without that, at the ends and the middle of every numeric
parameter, and then closer at the three that matter most. Runs are stored: a second search does only what is missing.

Examples:
  physmap flip
  physmap flip --resolution 0.002
  physmap flip --parameter migration/uniform-writer:writeRate=1000..100000 --budget 200`,
    )
    .action(async (named: string | undefined, options: FlipOptions) => {
      const { describeFlips, flipPipeline } = await import('./flip-pipeline.js');
      const progress = progressOn(terminal, 'runs');
      const outcome = await flipPipeline({
        studyFile: studyFile(named),
        outDir: options.out,
        userWorkloads: options.workload ?? [],
        draws: options.draws,
        parameters: options.parameter ?? [],
        budget: options.budget,
        resolution: options.resolution,
        jobs: options.jobs,
        onRun: (computed, reused) => progress.update(computed + reused, options.budget, reused),
      }).finally(progress.finish);
      if (options.json)
        writeJson(terminal, { ...outcome.flips, file: outcome.file, page: outcome.page, made: outcome.runs });
      else terminal.out(describeFlips(outcome));
      finish(exitCode.done);
    });
}
