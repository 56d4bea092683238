import type { TopLevelSpec } from 'vega-lite';
import type { TornadoChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { chartConfig, FONT_SIZE, NARROW } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const BAR = 12;

/** A bar an input, the widest on top, over one scale of leads; what lies below no lead has a colour of its own. */
export function tornadoSpec(chart: TornadoChart, width: number): TopLevelSpec {
  const narrow = width <= NARROW;
  const labelWidth = narrow
    ? 0
    : Math.min(width * 0.42, Math.max(...chart.bars.map(({ label }) => textWidth(label, FONT_SIZE)))) + 8;
  const textSpace = Math.max(...chart.bars.map(({ text }) => textWidth(text, FONT_SIZE))) + 10;
  const plot = Math.floor(width - labelWidth);
  const ends = [0, chart.nominal, ...chart.bars.flatMap(({ low, high }) => [low, high])];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const room = (most - least || 1) * 0.03;
  const start = least - room;
  const end = most + ((most - start || 1) * textSpace) / (plot - textSpace);
  const labels = chart.bars.map(({ label }) => fitText(label, FONT_SIZE, narrow ? plot : labelWidth - 8));
  const values = chart.bars.flatMap(({ low, high, text }, row) => {
    const [from, to] = [Math.min(low, high), Math.max(low, high)];
    const parts = [
      { from: Math.min(from, 0), to: Math.min(to, 0), behind: true },
      { from: Math.max(from, 0), to: Math.max(to, 0), behind: false },
    ].filter((part) => part.to > part.from);
    const drawn = parts.length > 0 ? parts : [{ from, to, behind: false }];
    return drawn.map((part, at) => ({
      row,
      label: labels[row],
      ...part,
      right: Math.max(to, chart.nominal),
      text: at === 0 ? text : '',
    }));
  });
  const shift = narrow ? 7 : 0;
  return {
    config: chartConfig,
    width: plot,
    height: { step: narrow ? 36 : 22 },
    data: { values },
    encoding: {
      y: {
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
      },
      x: {
        type: 'quantitative',
        scale: { domain: [start, end], nice: false, zero: false },
        axis: { title: `Lead, ${chart.unit}`, grid: true, tickCount: Math.max(2, Math.floor(plot / 110)) },
      },
    },
    layer: [
      {
        mark: { type: 'bar', height: BAR, yOffset: shift },
        encoding: {
          x: { field: 'from' },
          x2: { field: 'to' },
          color: { condition: { test: 'datum.behind', value: colour('more') }, value: colour('accent') },
        },
      },
      ruleAt(0, { color: colour('ink'), strokeDash: [4, 3] }),
      ruleAt(chart.nominal, { color: colour('muted') }),
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 6, yOffset: shift },
        encoding: { x: { field: 'right' }, text: { field: 'text', type: 'nominal' } },
      },
      ...(narrow ? [labelAbove({ stroke: colour('paper'), strokeWidth: 4 }), labelAbove({})] : []),
    ],
  } as unknown as TopLevelSpec;
}

/** The label of a row above its bar: drawn twice, so that no line runs through it. */
function labelAbove(style: object) {
  return {
    transform: [{ filter: "datum.text !== ''" }],
    mark: { type: 'text', align: 'left', baseline: 'middle', yOffset: -9, color: colour('ink'), ...style },
    encoding: { x: { value: 0 }, text: { field: 'label', type: 'nominal' } },
  };
}

/** A line through all bars. */
function ruleAt(at: number, style: object) {
  return {
    data: { values: [{ at }] },
    mark: { type: 'rule', strokeWidth: 1, ...style },
    encoding: { x: { field: 'at' }, y: null },
  };
}
