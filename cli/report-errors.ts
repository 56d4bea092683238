import { CommanderError } from 'commander';
import { UserError, allErrors, describe, format } from '../input/user-error.js';
import { exitCode } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { writeJson } from './terminal.js';
import type { Terminal } from './terminal.js';

/** Says what went wrong, in words or (as the only thing on standard output) in JSON. A user's mistake has no stack; ours has. */
export function reportError(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  const mistake = error instanceof CommanderError ? usageError(error) : error;
  if (mistake instanceof UserError) {
    const errors = allErrors(mistake);
    if (json) writeJson(terminal, { errors: errors.map(describe) });
    else terminal.note(`${errors.map(format).join('\n')}\n${errors.length > 1 ? `${errors.length} mistakes\n` : ''}`);
    return exitCode.badInput;
  }
  const fault = error instanceof Error ? error : new Error(String(error));
  if (json) writeJson(terminal, { errors: [{ code: 'fault', message: fault.message }] });
  terminal.note(
    `physmap failed; this is a fault of physmap, not of what you gave it.\n${fault.stack ?? fault.message}\n`,
  );
  return exitCode.fault;
}

/** Commander's words, with its suggestion as the hint. */
function usageError(error: CommanderError): UserError {
  if (error.code === 'commander.help') return new UserError({ code: 'usage', message: 'no command given' });
  const [, message = error.message, , suggestion] = /^(?:error: )?([^\n]*)(\n\((.*)\))?$/u.exec(error.message) ?? [];
  const hint =
    suggestion?.replace(/^Did you mean (one of )?/u, 'did you mean $1') ?? 'physmap --help lists commands and options';
  return new UserError({ code: 'usage', message, hint });
}
