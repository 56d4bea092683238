import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../input/package-root.js';
import { scoreEngine, validationTable } from '../../validation/index.js';

interface Frozen {
  readonly actual: number | string;
  readonly status: string;
}

const frozenFile = join(packageRoot(), 'validation', 'frozen.json');
let scored: ReturnType<typeof scoreEngine> = [];
beforeAll(() => {
  scored = scoreEngine();
}, 120_000);

const actualOf = (id: string): number => Number(scored.find(({ one }) => one.id === id)?.actual);

describe('what the engine states', () => {
  it('is what it was when the results were frozen', () => {
    const now: Record<string, Frozen> = Object.fromEntries(
      scored.flatMap(({ one, actual, status }) => (actual === null ? [] : [[one.id, { actual, status }]])),
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

  it('is printed topic by topic, each with its figures or the reason why there are none', () => {
    const table = validationTable(scored, { all: false });
    expect(table).toMatch(/^Memory overhead on x86-64\n {2}case +expected +got +error +no model +status$/mu);
    expect(table).toMatch(/^ {2}\S.* 5954 pages +5120 +-834 \(-14\.0 %\) +4096 +off\n.*unexplained: 834$/mu);
    expect(table).toMatch(/^Two nodes on x86-64\n {2}5 of 5 not modelled: .+$/mu);
    expect(table).not.toContain(' not-modelled\n');
    const all = validationTable(scored, { all: true });
    expect(all.match(/ not-modelled$/gmu)?.length).toBe(scored.filter(({ actual }) => actual === null).length);
    expect(all).toMatch(/^(\d+) figures: \d+ exact, \d+ within, \d+ off, \d+ not modelled$/mu);
  });

  it('as overhead of a P2M host is 40 B a page, and 256 pages and one a MiB more for a VP domain0', () => {
    const rows = scored.filter(({ one }) => /^xen\/memory-overhead\/.*\/overhead$/u.test(one.id));
    expect(rows.length).toBe(6);
    for (const { one, actual } of rows) {
      const tables = (Number(one.conditions['host MiB']) * 256 * 40) / 4096;
      const pool = one.conditions['model'] === 'hap' ? 256 + Number(one.conditions['dom0 MiB']) : 0;
      expect(actual).toBe(tables + pool);
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
    const cost = (0.5 - writingSeconds) / target;
    for (const ms of [100, 200, 300]) {
      const expected = (dirtyWithin(ms / 1000, cost) * 1000) / 256 / ms;
      expect(Math.abs(actualOf(`published/DIRTY-01/${ms} ms/bitmap`) / expected - 1)).toBeLessThan(0.005);
    }
  });
});
