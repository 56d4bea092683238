import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeReport } from '../../report/write.js';
import { smallInput } from './fixtures/small.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'physmap-report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a report is written whole, twice the same, and leaves no part file behind', async () => {
  const page = await writeReport(smallInput(), join(folder, 'out'));
  expect(page).toBe(join(folder, 'out', 'index.html'));
  const files = readdirSync(join(folder, 'out'), { recursive: true }).map(String).toSorted();
  expect(files).toEqual(expect.arrayContaining(['index.html', 'report.md', 'results.json', 'document.json']));
  expect(files.filter((name) => name.endsWith('.part'))).toEqual([]);
  const before = readFileSync(page, 'utf8');
  await writeReport(smallInput(), join(folder, 'out'));
  expect(readFileSync(page, 'utf8')).toBe(before);
  expect(existsSync(join(folder, 'out', 'charts', 'rank-acceptability.vl.json'))).toBe(true);
});
