import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../contracts/run.js';
import { writeWhole } from '../files/write-whole.js';

/** Results of a study's runs, a file each, named by the hash of all that the run depends on. */
export class RunStore {
  readonly folder: string;

  constructor(outDir: string, study: string) {
    this.folder = join(outDir, study, 'runs');
  }

  /** The stored result, or null when there is none that can be read. */
  get(key: string): RunResult | null {
    const path = this.#path(key);
    if (!existsSync(path)) return null;
    try {
      const result = JSON.parse(readFileSync(path, 'utf8')) as RunResult;
      return result.key === key ? result : null;
    } catch {
      return null;
    }
  }

  put(result: RunResult): void {
    writeWhole(this.#path(result.key), `${JSON.stringify(result)}\n`);
  }

  #path(key: string): string {
    return join(this.folder, `${key}.ndjson`);
  }
}
