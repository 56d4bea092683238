import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReportChart } from '../../contracts/document.js';
import type { RunMetric, RunResult } from '../../contracts/run.js';
import { chartSpec } from '../../report/charts/chart-spec.js';
import { renderSvg } from '../../report/charts/render-svg.js';
import { NARROW, WIDE } from '../../report/charts/style.js';
import { indexRuns } from '../../report/run-index.js';
import { blockedChart } from '../../report/sections/blocked.js';
import { smallInput } from './fixtures/small.js';

const { study, runs } = smallInput();
const index = indexRuns(runs);

/** The runs of a workload, with metrics of our own under some alternatives. */
const allWith = (given: (alternative: string, draw: number) => Readonly<Record<string, RunMetric>> | undefined) =>
  study.alternatives.map((alternative) => ({
    alternative,
    runs: index(alternative.id, 'suite/moving').map((run): RunResult => ({
      ...run,
      metrics: { ...run.metrics, ...given(alternative.id, run.draw) },
    })),
  }));

const blockedBy = (kernel: number, device: number, otherwise: number): Readonly<Record<string, RunMetric>> => {
  const frames = (value: number, title: string) => ({ value, unit: 'frames', better: 'lower' as const, title });
  return {
    blockedByKernel: frames(kernel, 'Frames that the kernel blocks'),
    blockedByDevice: frames(device, 'Frames that a device blocks'),
    blockedOtherwise: frames(otherwise, 'Frames that something else blocks'),
  };
};
const BLOCKED: Readonly<Record<string, Readonly<Record<string, RunMetric>>>> = {
  stay: blockedBy(120, 40, 8),
  moved: blockedBy(0, 0, 0),
};
const blocked = blockedChart(
  'way',
  'Removing',
  allWith((id) => BLOCKED[id]),
)!;

describe('what blocks a removal', () => {
  test('a part for each kind in the same order, which sum to all frames that block', () => {
    expect(blocked.keys).toEqual([
      'frames that the kernel blocks',
      'frames that a device blocks',
      'frames that something else blocks',
    ]);
    expect(blocked.bars[0]).toMatchObject({ parts: [120, 40, 8], text: '168\u202fframes', absent: false });
    expect(blocked.summary).toContain('stay: 168\u202fframes, most of it frames that the kernel blocks');
  });

  test('nothing that blocks is a bar of nothing, and a removal that was refused at once says so', () => {
    expect(blocked.bars[1]).toMatchObject({ parts: [0, 0, 0], text: '0\u202fframes', absent: false });
    expect(blocked.bars[2]).toMatchObject({ parts: [0, 0, 0], text: 'refused', absent: true });
    expect(blocked.summary).toContain('move: 0\u202fframes;');
    expect(blocked.table.groups[0].rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
      ['120', '0', 'refused'],
      ['40', '0', 'refused'],
      ['8', '0', 'refused'],
      ['168', '0', 'refused'],
    ]);
  });

  test('there is none where no run counts them, or where nothing blocks under any alternative', () => {
    expect(
      blockedChart(
        'way',
        'Removing',
        allWith(() => undefined),
      ),
    ).toBeNull();
    expect(
      blockedChart(
        'way',
        'Removing',
        allWith((id) => (id === 'wait' ? undefined : BLOCKED['moved'])),
      ),
    ).toBeNull();
  });
});

const PICTURES: readonly (readonly [string, ReportChart, number])[] = [
  ['blocked-wide', blocked, WIDE],
  ['blocked-narrow', blocked, NARROW],
];

// To accept a change on purpose: PHYSMAP_UPDATE_GOLDEN=1 npx vitest run test/report, then look at the pictures.
test.each(PICTURES)('the picture %s is what it was, with words for who does not see it', async (name, chart, width) => {
  const path = join(import.meta.dirname, 'golden', 'charts', `${name}.svg`);
  const { html } = await renderSvg(chartSpec(chart, width), name, chart);
  if (process.env['PHYSMAP_UPDATE_GOLDEN']) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${html}\n`);
  }
  expect(`${html}\n`).toBe(readFileSync(path, 'utf8'));
  expect(html).toContain(`<desc id="${name}-description">${chart.description.slice(0, 20)}`);
});
