#!/usr/bin/env node
import { exitCode } from './exit-code.js';
import { runCli } from './program.js';
import { processTerminal } from './terminal.js';

// `physmap list | head -1`: the reader has gone, which is no mistake of anybody's.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(exitCode.done);
  });
}

process.on('SIGINT', () => {
  process.stderr.write('\ninterrupted\n');
  process.exit(exitCode.interrupted);
});

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
