import type { TopLevelSpec } from 'vega-lite';
import type { RankChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { chartConfig, FONT_SIZE, NARROW, panelColumns } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const ROW = 24;
const SPACING = 28;
/** Share of a rank's column that a bar of 100 % fills; the rest is for its figure. */
const FILL = 0.42;

/** A bar for each rank in a column of its own, a panel a profile. */
export function ranksSpec(chart: RankChart, width: number): TopLevelSpec {
  const rows = chart.panels.flatMap((panel) => panel.rows);
  const labelWidth = Math.min(width * 0.34, Math.max(...rows.map((row) => textWidth(row.label, FONT_SIZE)))) + 8;
  const perRow = width > NARROW ? panelColumns(chart.panels.length, width - labelWidth, 240) : 1;
  const plot = Math.floor((width - labelWidth - (perRow - 1) * SPACING) / perRow);
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: chart.panels.map((panel, at) => {
      const ranks = panel.rows.find((row) => row.shares.length)?.shares.map((share) => share.rank) ?? [];
      const labels = panel.rows.map((row) => fitText(row.label, FONT_SIZE, labelWidth - 8));
      return {
        width: plot,
        height: { step: ROW },
        title: fitText(panel.title, FONT_SIZE, plot),
        data: {
          values: panel.rows.flatMap((row, index) =>
            row.shares.length
              ? row.shares.map((share, rank) => ({
                  row: index,
                  from: rank,
                  to: rank + share.share * FILL,
                  text: share.text,
                  first: rank === 0,
                  none: share.share === 0,
                }))
              : [{ row: index, from: 0, to: 0, text: row.absent, first: false, none: true }],
          ),
        },
        encoding: {
          y: {
            field: 'row',
            type: 'ordinal',
            scale: { domain: panel.rows.map((_, index) => index) },
            axis: {
              title: null,
              labels: at % perRow === 0,
              labelColor: colour('ink'),
              labelExpr: `${JSON.stringify(labels)}[datum.value]`,
              minExtent: at % perRow === 0 ? labelWidth : 0,
              maxExtent: at % perRow === 0 ? labelWidth : 0,
            },
          },
          x: {
            type: 'quantitative',
            scale: { domain: [0, Math.max(1, ranks.length)], nice: false },
            axis: {
              title: null,
              orient: 'top',
              grid: true,
              values: ranks.map((_, rank) => rank),
              labelAlign: 'left',
              labelExpr: `${JSON.stringify(ranks)}[datum.value]`,
              labelPadding: 4,
            },
          },
        },
        layer: [
          {
            mark: { type: 'bar', height: 11 },
            encoding: {
              x: { field: 'from' },
              x2: { field: 'to' },
              color: { condition: { test: 'datum.first', value: colour('accent') }, value: colour('neutral') },
            },
          },
          {
            mark: { type: 'text', align: 'left', baseline: 'middle', dx: 4 },
            encoding: {
              x: { field: 'to' },
              text: { field: 'text', type: 'nominal' },
              color: { condition: { test: 'datum.none', value: colour('muted') }, value: colour('ink') },
            },
          },
        ],
      };
    }),
  } as unknown as TopLevelSpec;
}
