import type { TopLevelSpec } from 'vega-lite';
import type { CurveChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { decades, heads } from './panel.js';
import { chartConfig, NARROW, panelColumns } from './style.js';

const AXIS_WIDTH = 52;
const SPACING = 20;
const HEIGHT = 150;

/** A metric over a parameter, a panel an alternative, on shared scales. */
export function curvesSpec(chart: CurveChart, width: number): TopLevelSpec {
  const { across, panels } = chart;
  const perRow = panelColumns(panels.length, width, width > NARROW ? 150 : 140);
  const plot = Math.floor((width - AXIS_WIDTH - (perRow - 1) * SPACING) / perRow);
  const values = panels.flatMap(({ points }) => points.map(({ value }) => value));
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const [low, high] = [across.values[0], across.values[across.values.length - 1]];
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: panels.map((panel, at) => ({
      width: plot,
      height: HEIGHT,
      data: { values: [...panel.points] },
      encoding: {
        x: {
          field: 'at',
          type: 'quantitative',
          scale: {
            type: across.scale,
            domain: [low, high],
            nice: false,
            ...(across.scale === 'log' ? {} : { zero: false }),
          },
          axis: {
            title: across.unit || null,
            grid: false,
            domain: true,
            labelFlush: true,
            format: high >= 10_000 ? '~s' : '~r',
            ...(across.scale === 'log'
              ? { values: decades(low, high) }
              : { tickCount: Math.max(2, Math.floor(plot / 80)) }),
          },
        },
        y: {
          field: 'value',
          type: 'quantitative',
          scale: {
            type: chart.scale,
            domain: chart.scale === 'log' ? [lowest, highest] : [Math.min(0, lowest), highest || 1],
            nice: true,
          },
          axis: {
            title: null,
            labels: at % perRow === 0,
            tickCount: 4,
            format: highest >= 1000 || chart.scale === 'log' ? '~s' : '~r',
            ...(chart.scale === 'log' ? { values: decades(lowest, highest) } : {}),
          },
        },
      },
      layer: [
        { mark: { type: 'line', color: colour('accent'), strokeWidth: 1.5 } },
        { mark: { type: 'point', filled: true, opacity: 1, size: 24, color: colour('accent') } },
        ...heads(panel.title, [panel.note], plot + SPACING - 4),
      ],
    })),
  } as unknown as TopLevelSpec;
}
