import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../cli/out-folder.js';

describe('the folder for results', () => {
  it('needs a name', () => {
    expect(() => makeFolder('')).toThrow('the folder for results has no name');
  });

  it.runIf(existsSync('/proc/self'))('is refused at once where no folder can be made, as in /proc', () => {
    expect(() => makeFolder('/proc/physmap/out')).toThrow('cannot be written to');
  });
});
