import type { TopLevelSpec } from 'vega-lite';
import type { WaterfallChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { chartConfig, FONT_SIZE, NARROW } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const BAR = 12;

/** Bars from one total to the other, one a mechanism. */
export function waterfallSpec(chart: WaterfallChart, width: number): TopLevelSpec {
  const narrow = width <= NARROW;
  const labelWidth = narrow
    ? 0
    : Math.min(width * 0.36, Math.max(...chart.steps.map((step) => textWidth(step.label, FONT_SIZE)))) + 8;
  const plot = Math.floor(width - labelWidth);
  const textSpace = Math.max(...chart.steps.map((step) => textWidth(step.text, FONT_SIZE))) + 12;
  const end = chart.start + ((chart.end - chart.start || 1) * plot) / (plot - textSpace);
  const fromZero = chart.start === 0;
  const labels = chart.steps.map((step) => fitText(step.label, FONT_SIZE, narrow ? plot : labelWidth - 8));
  const values = chart.steps.map((step, row) => ({
    row,
    label: labels[row],
    kind: step.kind,
    from: step.kind === 'total' && !fromZero ? step.to : step.from,
    to: step.to,
    right: Math.max(step.from, step.to),
    text: step.text,
    next: row + 1 < chart.steps.length ? row + 1 : row,
  }));
  const y = {
    field: 'row',
    type: 'ordinal',
    axis: narrow
      ? null
      : {
          title: null,
          labelColor: colour('ink'),
          labelExpr: `${JSON.stringify(labels)}[datum.value]`,
          grid: false,
          minExtent: labelWidth,
          maxExtent: labelWidth,
        },
  };
  const shift = narrow ? 7 : 0;
  const fill = {
    condition: [
      { test: "datum.kind === 'more'", value: colour(chart.better === 'lower' ? 'more' : 'less') },
      { test: "datum.kind === 'less'", value: colour(chart.better === 'lower' ? 'less' : 'more') },
    ],
    value: colour('neutral'),
  };
  return {
    config: chartConfig,
    width: plot,
    height: { step: narrow ? 36 : 22 },
    data: { values },
    encoding: {
      y,
      x: {
        type: 'quantitative',
        scale: { domain: [chart.start, end], nice: false, zero: false },
        axis: {
          title: `${chart.measure}, ${chart.unit}${fromZero ? '' : '; the axis does not start at zero'}`,
          grid: true,
          tickCount: Math.max(2, Math.floor(plot / 110)),
        },
      },
    },
    layer: [
      {
        mark: { type: 'rule', color: colour('muted'), strokeWidth: 1, yOffset: shift },
        encoding: { x: { field: 'to' }, y2: { field: 'next', bandPosition: 0.5 } },
      },
      {
        mark: { type: 'bar', height: BAR, yOffset: shift },
        encoding: { x: { field: 'from' }, x2: { field: 'to' }, color: fill },
      },
      ...(fromZero
        ? []
        : [
            {
              transform: [{ filter: "datum.kind === 'total'" }],
              mark: {
                type: 'point',
                shape: 'diamond',
                filled: true,
                opacity: 1,
                size: 70,
                color: colour('neutral'),
                yOffset: shift,
              },
              encoding: { x: { field: 'to' } },
            },
          ]),
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: fromZero ? 6 : 8, yOffset: shift },
        encoding: { x: { field: 'right' }, text: { field: 'text', type: 'nominal' } },
      },
      ...(narrow
        ? [
            {
              mark: { type: 'text', align: 'left', baseline: 'middle', yOffset: -9, color: colour('ink') },
              encoding: { x: { value: 0 }, text: { field: 'label', type: 'nominal' } },
            },
          ]
        : []),
    ],
  } as unknown as TopLevelSpec;
}
