import type { Command } from 'commander';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

export function addValidate(program: Command, terminal: Terminal): void {
  program
    .command('validate')
    .description("score the engine against a real Xen's counts and published measurements")
    .option('--all', 'show every figure that is not modelled, too')
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
The figures stand in validation/data, each with where it was read. A figure is exact; within a tolerance that was fixed before
it was predicted and that the table states; off; or not modelled, with the reason. Calibrated means that a cost was set on that very
figure, which then counts for nothing. "no model" is what one would guess without any model. In the JSON document, error is
actual - expected in the figure's unit, and the note of a calibrated figure begins with "calibrated: "; where a figure is a
text, such as banks of memory, expected and actual are null, texts are compared as they stand, and both are in the note.

Examples:
  physmap validate
  physmap validate --all
  physmap validate --json | jq '.cases[] | select(.status == "off")'`,
    )
    .action(async (options: { readonly all?: true; readonly json?: true }) => {
      const { scoreEngine, toDocument, validationTable } = await import('../validation/index.js');
      const scored = scoreEngine();
      if (options.json) writeJson(terminal, toDocument(scored));
      else terminal.out(validationTable(scored, { all: options.all === true }));
    });
}
