import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../input/user-error.js';

/** Makes a folder for results before any work is done. UserError when it cannot be made or written to. */
export function makeFolder(folder: string): void {
  if (folder === '') {
    throw new UserError({
      code: 'usage',
      message: 'the folder for results has no name',
      expected: 'the path of a folder',
    });
  }
  try {
    makeWithParents(resolve(folder));
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

/** Node's own `recursive` never returns where a parent is there and takes no folder, as in /proc. */
function makeWithParents(folder: string): void {
  if (existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    return;
  }
  makeWithParents(dirname(folder));
  mkdirSync(folder);
}
