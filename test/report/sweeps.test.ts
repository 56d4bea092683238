import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CurveChart, MapChart } from '../../contracts/report-charts.js';
import type { ReportDocument } from '../../contracts/document.js';
import { packageRoot } from '../../input/package-root.js';
import { buildDocument } from '../../report/document.js';
import { renderHtml } from '../../report/html.js';
import { drawCharts } from '../../report/render-charts.js';
import { readProse } from '../../report/prose.js';
import { readTemplates } from '../../report/templates.js';
import { smallInput } from './fixtures/small.js';

const templates = join(packageRoot(), 'templates');
const build = (input = smallInput()): ReportDocument => buildDocument(input, readProse(templates));
const [grid, line] = build().sweeps;
const map = grid.charts[0] as MapChart;
const curves = line.charts[0] as CurveChart;

describe('a sweep over two parameters', () => {
  test('is a map: a cell a point, with the figure of the run and a shade between the least and the greatest', () => {
    const [stay] = map.panels;
    expect(stay.cells.map(({ across, up, text }) => [across, up, text])).toEqual([
      [0, 0, '10'],
      [1, 0, '100'],
      [2, 0, '1\u202f000'],
      [0, 1, '1'],
      [1, 1, '10'],
      [2, 1, '100'],
    ]);
    // 1 ms is the least of all and 1100 ms the greatest.
    expect(stay.cells[3].shade).toBe(0);
    expect(map.panels[1].cells[2].shade).toBe(1);
    expect(stay.cells[1].shade).toBeCloseTo(Math.log(100) / Math.log(1100), 12);
  });

  test('has the frontier between neighbours that lie on different sides, and nowhere else', () => {
    const [stay, move] = map.panels;
    expect(stay.frontier).toEqual([
      { fromAcross: 2, fromUp: 0, toAcross: 2, toUp: 1 },
      { fromAcross: 2, fromUp: 1, toAcross: 3, toUp: 1 },
    ]);
    expect(move.frontier).toEqual([
      { fromAcross: 1, fromUp: 0, toAcross: 1, toUp: 1 },
      { fromAcross: 1, fromUp: 1, toAcross: 2, toUp: 1 },
      { fromAcross: 2, fromUp: 1, toAcross: 2, toUp: 2 },
    ]);
    expect(stay.note).toBe('1 to 1\u202f000\u202fms; it converges in 5 of 6');
    expect(stay.cells.map(({ strong }) => strong)).toEqual([false, false, true, false, false, false]);
    expect(map.description).toContain('it gives up in the cells with bold figures, and it converges in the others');
  });

  test('says why cells of an alternative are empty, in the panel and in the table', () => {
    const wait = map.panels[2];
    expect(wait.note).toBe('refused, migrate: same-frames-free');
    expect(wait.cells.every(({ shade }) => shade === null)).toBe(true);
    expect(wait.frontier).toEqual([]);
    const group = map.table.groups.find(({ title }) => title === 'wait')!;
    expect(group.rows[0].cells[0]).toMatchObject({ text: 'refused, migrate: same-frames-free', tone: 'absent' });
  });

  test('says what is not as in the study, and that it decides nothing', () => {
    expect(grid.parameters).toEqual(['Memory: 64\u202fMiB (256\u202fMiB elsewhere on this page)']);
    expect(grid.introduction).toContain('6 points of “Pages written” and “Bandwidth”');
    expect(grid.introduction).toContain('it does not touch the verdict');
    expect(grid.because).toBe('A small guest, so that it takes seconds.');
  });
});

test('a sweep over one parameter is a curve for each alternative', () => {
  expect(curves.panels[0]).toEqual({
    title: 'stay',
    note: '1 to 100\u202fms',
    points: [
      { at: 10, value: 1 },
      { at: 100, value: 10 },
      { at: 1000, value: 100 },
    ],
  });
  expect(curves.across).toMatchObject({ title: 'Pages written', unit: 'pages/s', scale: 'log' });
  expect(curves.panels[2]).toMatchObject({ points: [], note: 'refused, migrate: same-frames-free' });
});

test('a run that failed is counted and has no figure', () => {
  const input = smallInput();
  const sweeps = input.sweeps!.map((result) => ({
    ...result,
    points: result.points.map((point, at) =>
      at > 0 ? point : { ...point, runs: point.runs.map((run) => ({ ...run, metrics: {}, failure: 'no memory' })) },
    ),
  }));
  const [first] = build({ ...input, sweeps }).sweeps;
  expect(first.notes).toEqual(['3 runs failed; each is a cell without a figure.']);
  expect((first.charts[0] as MapChart).panels[0].cells[0]).toMatchObject({ shade: null, text: 'failed, no memory' });
});

test('a page without sweeps has no section and no link for them', async () => {
  const { sweeps: _, ...input } = smallInput();
  const document = build(input);
  const html = renderHtml(document, await drawCharts(document), readTemplates(templates));
  expect(document.sweeps).toEqual([]);
  expect(html).not.toContain('sweeps');
});
