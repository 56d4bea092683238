import type { TopLevelSpec } from 'vega-lite';
import type { IntervalChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { chartConfig, FONT_SIZE, NARROW, panelColumns } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const ROW = 26;
const SPACING = 24;

/** A point with its interval a row; panels on one scale. */
export function intervalsSpec(chart: IntervalChart, width: number): TopLevelSpec {
  const rows = chart.panels.flatMap((panel) => panel.rows);
  const labelWidth = Math.min(width * 0.36, Math.max(...rows.map((row) => textWidth(row.label, FONT_SIZE)))) + 8;
  const perRow = width > NARROW ? panelColumns(chart.panels.length, width - labelWidth, 200) : 1;
  const plot = Math.floor((width - labelWidth - (perRow - 1) * SPACING) / perRow);
  const textSpace = Math.min(
    plot * 0.5,
    Math.max(...rows.map((row) => (row.interval ? textWidth(row.text, FONT_SIZE) : 0))) + 14,
  );
  const highest = Math.max(...rows.map((row) => row.interval?.high ?? 0), Number.MIN_VALUE);
  const lowest = Math.min(0, ...rows.map((row) => row.interval?.low ?? 0));
  const end = lowest + ((highest - lowest) * plot) / Math.max(1, plot - textSpace);
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: chart.panels.map((panel, at) => ({
      width: plot,
      height: { step: ROW },
      ...(panel.title ? { title: fitText(panel.title, FONT_SIZE, plot) } : {}),
      data: {
        values: panel.rows.map((row, index) => ({
          row: index,
          start: lowest,
          low: row.interval?.low ?? null,
          mid: row.interval?.mid ?? null,
          high: row.interval?.high ?? lowest,
          text: fitText(row.text, FONT_SIZE, row.interval ? textSpace : plot),
          absent: row.interval === null,
        })),
      },
      encoding: {
        y: {
          field: 'row',
          type: 'ordinal',
          axis: {
            title: null,
            labels: at % perRow === 0,
            labelColor: colour('ink'),
            labelExpr: `${JSON.stringify(panel.rows.map((row) => fitText(row.label, FONT_SIZE, labelWidth - 8)))}[datum.value]`,
            grid: false,
            minExtent: at % perRow === 0 ? labelWidth : 0,
            maxExtent: at % perRow === 0 ? labelWidth : 0,
          },
        },
        x: {
          type: 'quantitative',
          scale: { domain: [lowest, end], nice: false, zero: false },
          axis: {
            title: chart.unit,
            grid: false,
            tickCount: Math.max(2, Math.floor(plot / 60)),
            values: ticks(lowest, highest, plot),
          },
        },
      },
      layer: [
        {
          transform: [{ filter: '!datum.absent' }],
          mark: { type: 'rule', strokeWidth: 1, color: colour('rule') },
          encoding: { x: { field: 'start' }, x2: { field: 'low' } },
        },
        {
          transform: [{ filter: '!datum.absent' }],
          mark: { type: 'rule', strokeWidth: 5, strokeCap: 'round', color: colour('band') },
          encoding: { x: { field: 'low' }, x2: { field: 'high' } },
        },
        {
          transform: [{ filter: '!datum.absent' }],
          mark: { type: 'point', filled: true, opacity: 1, size: 50, color: colour('accent') },
          encoding: { x: { field: 'mid' } },
        },
        {
          mark: { type: 'text', align: 'left', baseline: 'middle', dx: 9 },
          encoding: {
            x: { field: 'high' },
            text: { field: 'text', type: 'nominal' },
            color: { condition: { test: 'datum.absent', value: colour('more') }, value: colour('ink') },
          },
        },
      ],
    })),
  } as unknown as TopLevelSpec;
}

/** Round values inside the figures' own range, so that no tick stands under the room for text. */
function ticks(from: number, to: number, width: number): readonly number[] {
  const wanted = Math.max(2, Math.floor(width / 90));
  const rough = (to - from) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}
