import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../input/package-root.js';
import { readCases } from '../../validation/cases.js';

const book = readCases();

const dataFile = (name: string): unknown =>
  parse(readFileSync(join(packageRoot(), 'validation', 'data', `${name}.yaml`), 'utf8'));

/** Every number of a data file, by a walk of its own; `skip` are keys that name rows or explain. */
const numbersIn = (value: unknown, skip: ReadonlySet<string>): number[] => {
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) return value.flatMap((item) => numbersIn(item, skip));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (skip.has(key) ? [] : numbersIn(item, skip)));
};

const expectedNumbers = (start: string): number[] =>
  book.cases.flatMap(({ id, expected }) =>
    id.startsWith(start) && !COMPARED.test(id) && typeof expected === 'number' ? [expected] : [],
  );

/** Cases that stand in no data file but follow from two that do. */
const COMPARED = /^published\/NUMA-\d+\/(ratio|faster)\//u;

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

describe('the cases', () => {
  it.each([
    // Beside the numbers of the file there are those that stand in its sentences.
    ['xen/', 'xen-counts', [512, 8, 64]],
    ['xen-arm/', 'xen-arm-counts', [379, 351, 2, 2, 0]],
  ])('under %s are the numbers of %s, each once', (start, file, inSentences) => {
    const rowNames = new Set(['note', 'host MiB', 'dom0 MiB', 'ask MiB']);
    expect(sorted(expectedNumbers(start))).toEqual(sorted([...numbersIn(dataFile(file), rowNames), ...inSentences]));
  });

  it('of the published results are the numbers of the rows marked validate, and those of MIG-11 and MEM-01 that the engine gives back', () => {
    const rows = dataFile('published-results') as readonly { use: string; value: unknown; also?: unknown }[];
    const validated = rows.filter(({ use }) => use === 'validate').map(({ value, also }) => [value, also]);
    expect(sorted(expectedNumbers('published/'))).toEqual(sorted([...numbersIn(validated, new Set()), 38.179, 4126]));
    const ids = book.cases.map(({ id }) => id);
    expect(ids).toContain('published/MIG-01');
    expect(ids.filter((id) => id.startsWith('published/MIG-11'))).toEqual(['published/MIG-11']);
  });

  it.each([
    ['xen/events/pv/hypervisor page faults/touch 64', 32770, 'events'],
    ['xen/memory-overhead/pv/iommu=false/host=2048/dom0=512/overhead', 5954, 'pages'],
    ['xen/migration/pv r=256/pass 2/seconds', 0.0312, 's'],
    ['xen-arm/placement/host=1024/ask=256/banks', '60000000-70000000', ''],
    ['xen-arm/placement/not monotone/host=1024/644', 'refused', ''],
    ['xen-arm/balloon-direct/3 -64 MiB/2 MiB entries', 380, 'entries'],
    ['published/DIRTY-01/100 ms/bitmap', 3192, 'MiB/s'],
    ['published/MIG-12/also/sys', 18.732, 's'],
    ['published/NUMA-08/aware/3', 48.7, '%'],
    ['published/NUMA-08/ratio/2', 0.446, ''],
    ['published/NUMA-08/faster/2', 'aware', ''],
    ['published/NUMA-11/ratio/3', 1.211, ''],
    ['published/NUMA-11/faster/3', 'aware', ''],
  ])('%s is named by the keys of the data file', (id, expected, unit) => {
    expect(book.cases.find((one) => one.id === id)).toMatchObject({ expected, unit });
  });

  it('know what was measured on, and nothing of what was measured', () => {
    const [one] = book.under('xen-arm/memory-overhead/host=4096');
    expect(one.conditions).toEqual({ 'host MiB': 4096, 'dom0 MiB': 1024 });
  });
});
