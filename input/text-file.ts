import { accessSync, constants, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { didYouMean } from './nearest.js';
import { UserError } from './user-error.js';

/** Larger than any study or platform that a person writes. */
const largest = 4 * 2 ** 20;

/** A file's text. UserError when it is missing, a folder, not readable, too large or not UTF-8. */
export function readText(file: string): string {
  const bytes = readBytes(file, largest);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const { line, column } = firstBadByte(bytes);
    throw new UserError({
      code: 'encoding',
      message: 'not UTF-8 text',
      where: { file, line, column },
      expected: 'a text file saved as UTF-8',
    });
  }
}

/** A file's bytes. UserError when it is missing, a folder, not readable or larger than `limit` bytes. */
export function readBytes(file: string, limit: number): Buffer {
  const size = requireFile(file);
  if (size > limit) {
    throw new UserError({
      code: 'out-of-range',
      message: `has ${size} bytes`,
      where: { file },
      expected: `at most ${limit} bytes`,
    });
  }
  return readFileSync(file);
}

/** The size of a file in bytes. UserError when it is missing, a folder or not readable. */
export function requireFile(file: string): number {
  try {
    accessSync(file, constants.R_OK);
    const stat = statSync(file);
    if (stat.isFile() || stat.isFIFO() || stat.isCharacterDevice()) return stat.size;
    const message = stat.isDirectory() ? 'is a folder' : 'is no file';
    throw new UserError({ code: 'missing-file', message, where: { file }, expected: 'a file' });
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(file, error as NodeJS.ErrnoException);
  }
}

function unreadable(file: string, error: NodeJS.ErrnoException): UserError {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
    const reason =
      error.code === 'EACCES' ? 'may not be read by this user' : `cannot be read (${error.code ?? error.message})`;
    return new UserError({
      code: 'missing-file',
      message: reason,
      where: { file },
      expected: 'a file that can be read',
    });
  }
  const hint = didYouMean(basename(file), namesIn(dirname(file)));
  return new UserError({
    code: 'missing-file',
    message: 'no such file',
    where: { file },
    expected: 'the path of a file',
    ...(hint === undefined ? {} : { hint }),
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** Decoding the longest prefix that is UTF-8 tells where the first bad byte stands. */
function firstBadByte(bytes: Uint8Array): { readonly line: number; readonly column: number } {
  const good = new TextDecoder('utf-8').decode(bytes).split('\ufffd', 1)[0];
  const lines = good.split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
