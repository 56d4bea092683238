import { UserError } from '../../input/user-error.js';
import { createTraceEncoder } from './encode.js';
import type { TraceSummary } from './format.js';
import { createLackeyReader } from './lackey.js';

export interface ImportResult extends TraceSummary {
  /** Size of the trace file. */
  readonly bytes: number;
}

/**
 * Turns lackey's text into a trace file: `physmap trace import`.
 *
 * @param input the text, in pieces of any size (a readable stream is one)
 * @param output gets the whole file, once, when the input was right to the end
 * @param name the input's name in error messages
 * @throws UserError (code `trace`) with file, line and column for text that is not lackey's
 */
export async function importTrace(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  output: (file: Uint8Array) => void | Promise<void>,
  name = 'standard input',
): Promise<ImportResult> {
  const encoder = createTraceEncoder();
  const reader = createLackeyReader(name, (block) => {
    encoder.add(block);
  });
  for await (const bytes of input) reader.feed(bytes);
  reader.end();
  const { bytes, summary } = encoder.finish();
  if (summary.accesses === 0)
    throw new UserError({
      code: 'trace',
      message: 'no data access found',
      where: { file: name },
      expected: 'lines such as " L 1ffeffe7e0,8"',
      hint: 'was the program run under valgrind --tool=lackey with --trace-mem=yes?',
    });
  await output(bytes);
  return { ...summary, bytes: bytes.length };
}
