import { describe, expect, test } from 'vitest';
import type { LedgerRow } from '../../contracts/run.js';
import { waterfalls } from '../../report/sections/waterfall.js';
import { smallInput } from './fixtures/small.js';

function all(ledgers: Readonly<Record<string, readonly LedgerRow[]>> = {}) {
  const { study, runs } = smallInput();
  return study.alternatives.map((alternative) => ({
    alternative,
    runs: runs
      .filter((run) => run.alternative === alternative.id && run.workload === 'suite/moving')
      .map((run) => ({ ...run, ledger: ledgers[alternative.id] ?? run.ledger })),
  }));
}

function row(mechanism: string, nanoseconds: number): LedgerRow {
  return { domain: 'control', phase: 'copy', event: 'e', mechanism, count: 1, nanoseconds };
}

describe('control-domain CPU against the baseline', () => {
  test('what is too small for the digits shown is one step that says so', () => {
    const tiny = [row('base', 1e9), row('map', 5e8), row('a', 100), row('b', 200)];
    const [chart] = waterfalls('w', 'Moving', 'stay', all({ stay: [row('base', 1e9)], moved: tiny })).charts;
    const texts = chart?.steps.map((step) => `${step.label} ${step.text}`);
    expect(texts).toEqual([
      'stay 1.000\u202fs',
      'map +0.500\u202fs',
      '2 others less than 0.001\u202fs',
      'move 1.500\u202fs',
    ]);
  });

  test('each step begins where the one before ended, from the total of the baseline to that of the alternative', () => {
    const { charts } = waterfalls('w', 'Moving', 'stay', all());
    const [chart] = charts;
    const [first, ...rest] = chart?.steps ?? [];
    expect(first).toMatchObject({ kind: 'total', from: 0, label: 'stay' });
    const last = rest.at(-1);
    expect(last).toMatchObject({ kind: 'total', from: 0, label: 'move' });
    for (const [at, step] of rest.slice(0, -1).entries()) expect(step.from).toBe((chart?.steps[at] ?? step).to);
    expect(last?.to).toBe(rest.at(-2)?.to);
    // 2000000.4 + 5000000.1 + 300000 ns, each mechanism rounded to a nanosecond
    expect(first?.to).toBe(7.3);
    expect(last?.to).toBe((4_100_000 + 5_000_000 + 250_000 + 77_778) / 1e6);
  });

  test('steps beyond the ninth are one step, and all of them are in the table', () => {
    const many = Array.from({ length: 14 }, (_, at) => row(`m${at}`, 1000 * (at + 1)));
    const [chart] = waterfalls(
      'w',
      'Moving',
      'stay',
      all({ stay: [row('base', 1000)], moved: [row('base', 1000), ...many] }),
    ).charts;
    expect(chart?.steps.length).toBe(11);
    expect(chart?.steps.at(-2)?.label).toBe('6 others');
    expect(chart?.table.groups[0]?.rows.length).toBe(16);
  });

  test('an alternative that did not do the same work is told in words, not drawn', () => {
    const { charts, notes } = waterfalls('w', 'Moving', 'stay', all());
    expect(charts.map((chart) => chart.id)).toEqual(['w-cpu-1']);
    expect(notes).toEqual([
      'Control-domain CPU time of wait is not compared with stay: the runs did not do the same work.',
    ]);
  });

  test('small changes are drawn on an axis that says that it does not start at zero', () => {
    const [chart] = waterfalls(
      'w',
      'Moving',
      'stay',
      all({ stay: [row('map', 1_000_000)], moved: [row('map', 1_010_000)] }),
    ).charts;
    expect(chart?.start).toBeGreaterThan(0);
    expect(chart?.start).toBeLessThan(chart?.steps[0]?.to ?? 0);
  });
});
