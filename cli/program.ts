import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot } from '../input/package-root.js';
import { addCheck } from './check.js';
import { addDecide } from './decide.js';
import { addCompare } from './compare.js';
import { exitCode, exitCodeHelp } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { addFlip } from './flip.js';
import { addList } from './list.js';
import { reportError } from './report-errors.js';
import { addReport } from './report.js';
import { addRun } from './run.js';
import type { Terminal } from './terminal.js';
import { addTrace } from './trace.js';
import { addValidate } from './validate.js';

const examples = `
Examples:
  physmap run                                  run the default study and write out/index.html
  physmap run my-study.yaml --out results      a study of your own
  physmap run --workload ./mine.ts             with a workload of your own
  physmap flip                                 where a workload's parameter changes the answer
  physmap compare out-before out               whether the answer changed, and because of what
  physmap list                                 what studies, workloads, platforms and models there are
  physmap check my-study.yaml                  look for mistakes without running anything
  physmap decide cars.yaml                     weigh any table of alternatives and criteria
  physmap validate                             how the engine does against a real Xen's counts
`;

/** Runs one command line and gives its exit code. Nothing is thrown: mistakes and faults are reported on the terminal. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: exitCode.done };
  const program = buildProgram(terminal, (code) => {
    outcome.code = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done;
    return reportError(error, terminal, args.includes('--json'));
  }
}

/** Each command in a file of its own, which loads what it needs when it is called: help and mistakes come at once. `finish` takes the exit code. */
export function buildProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const program = new Command('physmap')
    .description(
      'Which memory model should the control domain, the driver domains and the guests of a host use, and how sure can we be?',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.note, outputError: () => {} })
    .addHelpText('after', `${examples}${exitCodeHelp}`);
  addRun(program, terminal, finish);
  addReport(program, terminal, finish);
  addFlip(program, terminal, finish);
  addDecide(program, terminal);
  addCompare(program, terminal);
  addList(program, terminal);
  addCheck(program, terminal);
  addTrace(program, terminal);
  addValidate(program, terminal);
  return program;
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
