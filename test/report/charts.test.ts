import { beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import type { ReportChart } from '../../contracts/report-charts.js';
import { packageRoot } from '../../input/package-root.js';
import { chartSpec } from '../../report/charts/chart-spec.js';
import { renderSvg } from '../../report/charts/render-svg.js';
import { NARROW, WIDE } from '../../report/charts/style.js';
import { fitText, textWidth } from '../../report/charts/text-widths.js';
import { buildDocument } from '../../report/document.js';
import { readProse } from '../../report/prose.js';
import { chartsOf } from '../../report/render-charts.js';
import { realisticInput } from './fixtures/realistic.js';

describe('charts of a study of real size', () => {
  let charts: readonly ReportChart[];
  beforeAll(() => {
    charts = chartsOf(buildDocument(realisticInput(), readProse(join(packageRoot(), 'templates'))));
  });

  test('there are all kinds', () => {
    const kinds = new Set(charts.map((chart) => chart.kind));
    expect([...kinds].toSorted()).toEqual([
      'curves',
      'intervals',
      'leads',
      'map',
      'parts',
      'ranks',
      'series',
      'time line',
      'tornado',
      'waterfall',
    ]);
    expect(new Set(charts.map((chart) => chart.id)).size).toBe(charts.length);
  });

  test('each is at most 120 KB, as wide as asked and named for readers by ear', async () => {
    for (const chart of charts)
      for (const width of [WIDE, NARROW]) {
        const { html } = await renderSvg(chartSpec(chart, width), 'c', chart);
        expect(html.length, chart.id).toBeLessThanOrEqual(120 * 1024);
        expect(Number(/ width="([\d.]+)"/.exec(html)?.[1]), `${chart.id} at ${width}`).toBeLessThanOrEqual(width + 30);
        expect(html).toMatch(
          /^<svg [^>]*role="img" aria-labelledby="c-title c-description"><title id="c-title">[^<]+<\/title><desc/,
        );
        expect(html).not.toMatch(/<(?:image|a|script|foreignObject)\b/);
      }
  });

  test('each is the same however many were drawn before it', async () => {
    const [first] = charts;
    if (!first) throw new Error('no chart');
    const draw = async (): Promise<string> => (await renderSvg(chartSpec(first, WIDE), 'c', first)).html;
    const before = await draw();
    await Promise.all(charts.slice(0, 3).map((chart) => renderSvg(chartSpec(chart, NARROW), 'd', chart)));
    expect(await draw()).toBe(before);
  });

  test('colours are variables, so that one picture serves light and dark', async () => {
    for (const chart of charts) {
      const { html } = await renderSvg(chartSpec(chart, WIDE), 'c', chart);
      const colours = [...html.matchAll(/ (?:fill|stroke)="([^"]*)"/g)].map((match) => match[1]);
      expect(colours.filter((value) => !/^(?:none|transparent|var\(--[a-z]+\))$/.test(value ?? ''))).toEqual([]);
    }
  });
});

test('a specification that Vega-Lite warns about is a fault', async () => {
  const spec = {
    mark: 'bar',
    data: { values: [{ a: 1 }] },
    encoding: { x: { field: 'a', type: 'nominal', scale: { type: 'log' } } },
  };
  await expect(
    renderSvg(spec as never, 'c', { title: 't', context: '', description: 'd', summary: 's' }),
  ).rejects.toThrow(/chart c/);
});

test('ticks of a series are plain numbers, whatever their step', async () => {
  for (const highest of [0.03, 3, 30, 300]) {
    const points = [1, 2].map((index) => ({ index, low: 0, value: highest / 2, high: highest }));
    const words = { id: 'c', title: 't', context: '', description: 'd', summary: 's' };
    const table = { id: 't', caption: '', columns: [], groups: [] };
    const panels = [{ title: '', note: '', absent: '', points }];
    const shape = { kind: 'series', index: 'step', unit: 'ms', scale: 'linear', panels, table } as const;
    const { html } = await renderSvg(chartSpec({ ...words, ...shape }, WIDE), 'c', words);
    expect(html).toContain(`>${highest}</text>`);
    expect(html).not.toMatch(/\de[+-]?\d/);
  }
});

test('text is cut to fit with an ellipsis', () => {
  expect(fitText('short', 12, 100)).toBe('short');
  const cut = fitText('a rather long name of an alternative', 12, 100);
  expect(cut).toMatch(/…$/);
  expect(textWidth(cut, 12)).toBeLessThanOrEqual(100);
});
