import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { writeWhole } from '../files/write-whole.js';
import { requireFile } from '../input/text-file.js';
import { importTrace } from '../workloads/trace/index.js';
import { makeFolder } from './out-folder.js';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

export function addTrace(program: Command, terminal: Terminal): void {
  const trace = program.command('trace').description('recorded traces of real programs');
  trace
    .command('import')
    .description("turn the text of valgrind's lackey into a trace file of pages")
    .argument('<lackey>', 'what valgrind --tool=lackey --trace-mem=yes wrote; "-" for standard input')
    .argument('<out>', 'the trace file to write')
    .option('--json', 'print one JSON document on standard output, and nothing else')
    .addHelpText(
      'after',
      `
Examples:
  physmap trace import lackey.txt sqlite3.trace
  valgrind --tool=lackey --trace-mem=yes --log-fd=9 9>&1 1>/dev/null sqlite3 < work.sql | physmap trace import - sqlite3.trace`,
    )
    .action(async (lackey: string, out: string, options: { readonly json?: true }) => {
      makeFolder(dirname(out));
      const summary = await importTrace(
        readInput(lackey),
        (bytes) => writeWhole(out, bytes),
        lackey === '-' ? undefined : lackey,
      );
      if (options.json) {
        writeJson(terminal, { file: out, ...summary });
        return;
      }
      const { bytes, accesses, loads, stores, distinctPages } = summary;
      terminal.out(
        `${out}: ${bytes} bytes\n  ${accesses} accesses (${loads} loads, ${stores} stores) to ${distinctPages} pages of 4 KiB\n`,
      );
    });
}

function readInput(lackey: string): AsyncIterable<Uint8Array> {
  if (lackey === '-') return process.stdin;
  requireFile(lackey);
  return createReadStream(lackey);
}
