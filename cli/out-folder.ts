import { accessSync, constants, mkdirSync } from 'node:fs';
import { UserError } from '../input/user-error.js';

/** Makes a folder for results before any work is done. UserError when it cannot be made or written to. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'is in the way: a file, not a folder'
        : `cannot be written to (${code})`;
    throw new UserError({
      code: 'environment',
      message,
      where: { file: folder },
      expected: 'a folder that can be made and written to',
    });
  }
}
