import type { TopLevelSpec } from 'vega-lite';
import type { PartsChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { chartConfig, FONT_SIZE, NARROW, panelColumns } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const ROW = 22;
const SPACING = 20;

/** A bar a part, a panel an alternative, on one scale; waiting is hollow. */
export function partsSpec(chart: PartsChart, width: number): TopLevelSpec {
  const rows = chart.panels.flatMap((panel) => panel.rows);
  const labelWidth = Math.min(width * 0.5, Math.max(...rows.map((row) => textWidth(row.label, FONT_SIZE)))) + 8;
  const perRow = width > NARROW ? panelColumns(chart.panels.length, width - labelWidth, 110) : 1;
  const plot = Math.floor((width - labelWidth - (perRow - 1) * SPACING) / perRow);
  const textSpace = Math.max(...rows.map((row) => textWidth(row.text, FONT_SIZE))) + 10;
  const end = (Math.max(...rows.map((row) => row.value), Number.MIN_VALUE) * plot) / Math.max(1, plot - textSpace);
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: chart.panels.map((panel, at) => ({
      width: plot,
      height: { step: ROW },
      title: {
        text: fitText(panel.title, FONT_SIZE, plot + SPACING - 4),
        subtitle: fitText(panel.note, FONT_SIZE, plot + SPACING - 4),
      },
      data: {
        values: panel.rows.map((row, index) => ({
          row: index,
          value: panel.absent ? 0 : row.value,
          text: panel.absent ? (index === 0 ? panel.absent : '') : row.text,
          waiting: row.waiting,
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
          field: 'value',
          type: 'quantitative',
          scale: { domain: [0, end], nice: false },
          axis: null,
        },
      },
      layer: [
        {
          transform: [{ filter: '!datum.waiting' }],
          mark: { type: 'bar', height: 10, color: colour('accent') },
        },
        {
          transform: [{ filter: 'datum.waiting && datum.value > 0' }],
          mark: { type: 'bar', height: 9, fill: colour('paper'), stroke: colour('accent'), strokeWidth: 1.5 },
        },
        {
          mark: { type: 'text', align: 'left', baseline: 'middle', dx: 5 },
          encoding: {
            text: { field: 'text', type: 'nominal' },
            ...(panel.absent ? { color: { value: colour('more') } } : {}),
          },
        },
      ],
    })),
  } as unknown as TopLevelSpec;
}
