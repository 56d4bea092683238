import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../input/package-root.js';
import { readCases } from '../../validation/cases.js';
import type { ValidationDocument } from '../../validation/summary.js';
import { physmap } from '../cli/built-program.js';

interface Frozen {
  /** The figure; for a text, the note that has it. */
  readonly actual: number | string;
  readonly status: string;
}

const frozenFile = join(packageRoot(), 'validation', 'frozen.json');

let validation: ValidationDocument;
beforeAll(async () => {
  const { code, stdout, stderr } = await physmap('validate', '--json');
  expect([code, stderr]).toEqual([0, '']);
  validation = JSON.parse(stdout) as ValidationDocument;
}, 300_000);

const casesBy = (pattern: RegExp): ValidationDocument['cases'] => validation.cases.filter(({ id }) => pattern.test(id));
const actualOf = (wanted: string): number => Number(validation.cases.find(({ id }) => id === wanted)?.actual);

describe('validate --json', () => {
  it('has every case with these keys and no other, and a summary that adds up', () => {
    const { cases, summary } = validation;
    const keys = ['id', 'source', 'what', 'unit', 'expected', 'actual', 'error', 'status', 'note'];
    for (const each of cases) expect(Object.keys(each)).toEqual(keys);
    expect(cases.map(({ id }) => id)).toEqual(readCases().cases.map(({ id }) => id));
    expect(summary.cases).toBe(cases.length);
    for (const status of ['exact', 'within', 'off', 'not-modelled'] as const) {
      expect(summary.engine[status]).toBe(cases.filter((each) => each.status === status).length);
    }
    for (const { source } of casesBy(/^xen-arm\//u)) expect(source).toBe('xen');
  });

  it('gives a reason for every figure that is not modelled', () => {
    for (const { status, note } of validation.cases) if (status === 'not-modelled') expect(note).not.toBe('');
  });
});

it('marks what a cost or a scene was set on, which is met and counts for nothing', () => {
  const calibrated = validation.cases.filter(({ note }) => note.startsWith('calibrated: '));
  expect(calibrated.map(({ id, error }) => [id, Math.abs(error!) < 1])).toEqual([
    ...['syscall 1000', 'fork 100', 'touch 64', 'ctxsw 1000'].flatMap((job) =>
      ['bare', 'pv'].map((machine) => [`xen/instructions/${job}/${machine}`, true]),
    ),
    ['xen/guest-page-faults/static program (instructions)/syscall 1000', true],
    ['xen/guest-page-faults/dynamic program (events)/fork 100', true],
    ['xen/events/pv/page updates/fork 100', true],
    ...['step 2', 'step 3'].map((step) => [
      `xen-arm/balloon-translated/from the heap/runs of contiguous frames/${step}`,
      true,
    ]),
    ['published/MIG-11', true],
    ['published/DIRTY-01/500 ms/bitmap', true],
    ['published/MEM-01', true],
  ]);
  expect(calibrated.find(({ id }) => id === 'published/MIG-11')!.error).toBe(0);
  expect(validation.summary.calibrated).toBe(calibrated.length);
});

describe('what the engine states', () => {
  it('is what it was when the results were frozen', () => {
    const now: Record<string, Frozen> = Object.fromEntries(
      validation.cases
        .filter(({ status }) => status !== 'not-modelled')
        .map(({ id, actual, status, note }) => [id, { actual: actual ?? note, status }]),
    );
    if (process.env['PHYSMAP_UPDATE_FROZEN'] === '1') writeFileSync(frozenFile, `${JSON.stringify(now, null, 2)}\n`);
    const frozen = JSON.parse(readFileSync(frozenFile, 'utf8')) as Record<string, Frozen>;
    const words = (result: Frozen | undefined): string =>
      result === undefined ? 'not modelled' : `${result.actual} (${result.status})`;
    const moved = [...new Set([...Object.keys(frozen), ...Object.keys(now)])]
      .filter((id) => words(frozen[id]) !== words(now[id]))
      .map((id) => `${id}: was ${words(frozen[id])}, is ${words(now[id])}`);
    const advice =
      'If that is on purpose, run this test with PHYSMAP_UPDATE_FROZEN=1, read the difference, and say in CHANGELOG.md why it moved.';
    expect(moved, `results of the validation moved:\n${moved.join('\n')}\n${advice}`).toEqual([]);
  });

  it('as overhead of a P2M host is 40 B a page, 256 pages and one a MiB more for a VP domain0, and the tables of the IOMMU', () => {
    const rows = casesBy(/^xen\/memory-overhead\/.*\/overhead$/u);
    expect(rows.length).toBe(6);
    for (const { id, actual } of rows) {
      const [, model, host, domain0] = /(pv|hap).*host=(\d+)\/dom0=(\d+)/u.exec(id)!;
      const pool = model === 'hap' ? 256 + Number(domain0) : 0;
      const reached = model === 'hap' ? Number(domain0) * 256 - 1 : Number(host) * 256 - 129;
      const tables = 2 + Math.ceil(reached / 512 ** 2) + (reached % 512 === 0 ? 0 : 1);
      expect(actual).toBe((Number(host) * 256 * 40) / 4096 + pool + (id.includes('iommu=true') ? tables : 0));
    }
  });

  it('as sampled dirty pages is the closed form of coverage, within five deviations', () => {
    const pages = 2 ** 18;
    for (const ms of [100, 200, 300, 500, 1000, 2000]) {
      const missed = Math.exp(-(3e6 * (ms / 1000)) / pages);
      const coverage = pages * (1 - missed);
      const deviation = Math.sqrt(pages * missed * (1 - missed));
      const inMebibytes = (count: number): number => (count * 4096 * 1000) / 2 ** 20 / ms;
      const actual = actualOf(`published/DIRTY-01/${ms} ms/sampling`);
      expect(Math.abs(actual - inMebibytes(coverage))).toBeLessThan(inMebibytes(5 * deviation) + 0.5);
    }
  });

  it('as logged dirty pages is where coverage and time lost to faults meet', () => {
    // Independent of the engine: the cost from the 500 ms row, then pages = N(1 − e^(−(T − cost·pages)·r/N)) by bisection.
    const pages = 2 ** 18;
    const dirtyWithin = (seconds: number, cost: number): number => {
      let [low, high] = [0, pages];
      for (let step = 0; step < 60; step += 1) {
        const middle = (low + high) / 2;
        const covered = pages * (1 - Math.exp(-(Math.max(0, seconds - cost * middle) * 3e6) / pages));
        if (covered > middle) low = middle;
        else high = middle;
      }
      return low;
    };
    const target = 1871 * 0.5 * 256;
    const writingSeconds = (-pages * Math.log(1 - target / pages)) / 3e6;
    // The log is open for half of a pass over 24 GiB before the window, at 460 ms for 128 GiB.
    const open = (0.46 / 128) * 12;
    const cost = (open + 0.5 - writingSeconds) / target;
    for (const ms of [100, 200, 300]) {
      const expected = (dirtyWithin(open + ms / 1000, cost) * 1000) / 256 / ms;
      expect(Math.abs(actualOf(`published/DIRTY-01/${ms} ms/bitmap`) / expected - 1)).toBeLessThan(0.005);
    }
  });

  it('as the time of a balloon in ranges is that of taking its pages, and next to nothing for an idle guest to tell and release them', () => {
    expect(actualOf('published/MEM-03') / (0.065 * 4126)).toBeCloseTo(1.01, 2);
  });

  it('as the time of a migration with maps in batches is that with maps of a page less the hypercalls that they save', () => {
    const pages = 12 * 2 ** 18;
    const saved = pages * (2 - 1 / 16 - 1 / 512) * 1500e-9;
    expect(Math.abs(actualOf('published/MIG-12') - (38.179 - saved))).toBeLessThan(0.5);
    expect(actualOf('published/MIG-12/also/sys')).toBeCloseTo(28.988 - saved, 1);
  });
});
