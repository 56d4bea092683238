import type { TopLevelSpec } from 'vega-lite';
import type { PairsChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { place, placeTo } from './pixels.js';
import { chartConfig, FONT_SIZE, NARROW } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const ROW = 22;
/** Height that the name of a group takes above its rows. */
const NAME = 26;
/** Space below a group. */
const GAP = 8;
const HEADS = 22;
const SPACING = 24;
const DOT = 50;
/** How much wider bold text is. */
const BOLD = 1.08;

/** Rows in named groups, with a point and its interval in each of two columns that have scales of their own, from 0. */
export function pairsSpec(chart: PairsChart, width: number): TopLevelSpec {
  const narrow = width <= NARROW;
  const rows = chart.groups.flatMap((group) => group.rows);
  const labels = Math.max(...rows.map(({ label }) => textWidth(label, FONT_SIZE)));
  const labelWidth = Math.ceil(Math.min(width * (narrow ? 0.3 : 0.36), labels)) + 12;
  const plot = Math.floor((width - labelWidth - SPACING) / 2);
  const lefts = [labelWidth, labelWidth + plot + SPACING];
  const scales = chart.measures.map((measure, at) => {
    const texts = rows.map(({ figures }) => textWidth(figures?.[at].text ?? '', FONT_SIZE));
    return (plot - Math.max(...texts) - 14) / measure.end;
  });
  let height = HEADS;
  const zeros: { readonly x: number; readonly x2: number; readonly y: number; readonly y2: number }[] = [];
  const names: { readonly x: number; readonly y: number; readonly text: string }[] = [];
  const laid = chart.groups.flatMap((group) => {
    names.push({ x: 0, y: height + NAME / 2, text: fitText(group.title, FONT_SIZE, width / BOLD) });
    height += NAME;
    const placed = group.rows.map((row, at) => ({ ...row, y: height + (at + 0.5) * ROW }));
    const below = height + group.rows.length * ROW;
    zeros.push(...lefts.map((x) => ({ x, x2: x, y: height, y2: below })));
    height = below + GAP;
    return placed;
  });
  const points = laid.flatMap(({ figures, y }) =>
    (figures ?? []).map(({ low, mid, high, text }, at) => {
      const [left, scale] = [lefts[at], scales[at]];
      const end = left + high * scale;
      return { start: left, low: left + low * scale, mid: left + mid * scale, high: end, y, words: end + 9, text };
    }),
  );
  const heads = chart.measures.map(({ title }, at) => {
    const x = narrow && at === 0 ? 0 : lefts[at];
    return { x, y: HEADS / 2, text: fitText(title, FONT_SIZE, lefts[at] + plot - x) };
  });
  const rule = (from: string, to: string, style: object) => ({
    data: { values: points },
    mark: { type: 'rule', ...style },
    encoding: { ...place(from, 'y'), x2: { field: to } },
  });
  const text = (values: readonly object[], x: string, style: object = {}) => ({
    data: { values },
    mark: { type: 'text', align: 'left', baseline: 'middle', ...style },
    encoding: { ...place(x, 'y'), text: { field: 'text', type: 'nominal' } },
  });
  return {
    config: chartConfig,
    width,
    height,
    layer: [
      {
        data: { values: zeros },
        mark: { type: 'rule', color: colour('rule') },
        encoding: { ...place('x', 'y'), ...placeTo('x2', 'y2') },
      },
      rule('start', 'low', { color: colour('rule'), strokeWidth: 1 }),
      rule('low', 'high', { color: colour('band'), strokeWidth: 5, strokeCap: 'round' }),
      {
        data: { values: points },
        mark: { type: 'point', filled: true, opacity: 1, size: DOT, color: colour('accent') },
        encoding: place('mid', 'y'),
      },
      text(points, 'words'),
      text(heads, 'x', { color: colour('muted') }),
      text(names, 'x', { fontWeight: 600 }),
      text(
        laid.map(({ label, y }) => ({ x: 0, y, text: fitText(label, FONT_SIZE, labelWidth - 12) })),
        'x',
      ),
      text(
        laid.flatMap(({ figures, absent, y }) =>
          figures === null ? [{ x: lefts[0], y, text: fitText(absent, FONT_SIZE, width - lefts[0]) }] : [],
        ),
        'x',
        { color: colour('more') },
      ),
    ],
  } as unknown as TopLevelSpec;
}
