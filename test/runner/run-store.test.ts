import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunResult } from '../../contracts/run.js';
import { UserError } from '../../input/user-error.js';
import { RunStore } from '../../runner/run-store.js';

const result = (key: string): RunResult => ({
  key,
  study: 'study',
  alternative: 'a',
  workload: 'suite/w',
  parameters: {},
  seed: 1,
  draw: 0,
  metrics: {},
  series: {},
  findings: [],
  ledger: [],
  failure: null,
  engineVersion: 'v',
});

/** A new folder, which is gone when the test is over. */
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'physmap-store-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

describe('the run store', () => {
  it('gives back what was put, one line of JSON a run, and leaves nothing half-written', () => {
    const store = new RunStore(folder(), 'study');
    store.put(result('k1'));
    expect(store.get('k1')).toEqual(result('k1'));
    expect(store.get('k2')).toBe(null);
    expect(readdirSync(store.folder)).toEqual(['k1.ndjson']);
  });

  it('does not take a cut-off file or one of another key for a result', () => {
    const store = new RunStore(folder(), 'study');
    store.put(result('k1'));
    writeFileSync(join(store.folder, 'k1.ndjson'), JSON.stringify(result('k1')).slice(0, 40));
    expect(store.get('k1')).toBe(null);
    writeFileSync(join(store.folder, 'k3.ndjson'), JSON.stringify(result('k1')));
    expect(store.get('k3')).toBe(null);
  });

  it('says which file could not be written, and why', () => {
    const out = folder();
    mkdirSync(join(out, 'study'));
    writeFileSync(join(out, 'study', 'runs'), 'a file where a folder should be');
    const store = new RunStore(out, 'study');
    expect(() => store.put(result('k1'))).toThrow(UserError);
  });
});
