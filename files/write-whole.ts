import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../input/user-error.js';

/**
 * Writes a file beside its place and renames it there, so that a reader sees the old file or the new one and never a
 * part. Makes the folder. UserError (code `environment`) when that cannot be done, e.g. on a full disk.
 */
export const writeWhole = (path: string, content: string | Uint8Array): void => {
  const part = `${path}.${process.pid}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(part, content);
    renameSync(part, path);
  } catch (error) {
    removePart(part);
    throw new UserError({
      code: 'environment',
      message: `it cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      where: { file: path },
      expected: 'a folder that can be written to, with room on its disk',
      hint: 'runs that are stored already are kept; the same command goes on from there',
    });
  }
};

const removePart = (part: string): void => {
  try {
    rmSync(part, { force: true });
  } catch {
    // What kept it from being written may keep it from being removed; the first reason is the one to tell.
  }
};
