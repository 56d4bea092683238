import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../input/package-root.js';
import { renderReport } from '../../report/write.js';
import { smallInput } from './fixtures/small.js';

const folder = join(import.meta.dirname, 'golden');
const templates = join(packageRoot(), 'templates');

describe('the report of a small study', () => {
  let files: ReadonlyMap<string, string>;
  beforeAll(async () => {
    files = await renderReport(smallInput(), templates);
  });

  // To accept a change on purpose: PHYSMAP_UPDATE_GOLDEN=1 npx vitest run test/report, then read the diff.
  test.each(['document.json', 'index.html', 'report.md', 'charts/workload-suite-moving-cpu-1.svg'])(
    '%s is what it was',
    (name) => {
      const path = join(folder, name);
      if (process.env['PHYSMAP_UPDATE_GOLDEN']) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, files.get(name) ?? '');
      }
      expect(files.get(name)).toBe(readFileSync(path, 'utf8'));
    },
  );

  test('two builds of it are the same bytes, whatever order the runs come in', async () => {
    const input = smallInput();
    const again = await renderReport({ ...input, runs: input.runs.toReversed() }, templates);
    expect([...again]).toEqual([...files]);
  });

  test('results.json holds the study, the manifest, the decision and every run', () => {
    const { study, manifest, runs, sweeps, decision, flips } = smallInput();
    const results = JSON.parse(files.get('results.json') ?? '') as Record<string, unknown>;
    expect(results).toEqual({
      study,
      manifest,
      sweeps,
      decision,
      flips,
      runs: expect.arrayContaining([...runs]) as unknown,
    });
    expect((results['runs'] as readonly unknown[]).length).toBe(runs.length);
  });

  test('every chart is written as SVG and as its specification', () => {
    const svg = [...files.keys()].filter((name) => name.endsWith('.svg'));
    expect(svg.length).toBeGreaterThanOrEqual(5);
    for (const name of svg) expect(files.has(name.replace(/\.svg$/, '.vl.json'))).toBe(true);
  });
});
