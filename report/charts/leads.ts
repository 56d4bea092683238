import type { TopLevelSpec } from 'vega-lite';
import type { LeadChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { decades, heads } from './panel.js';
import { chartConfig, NARROW, panelColumns } from './style.js';

const AXIS_WIDTH = 44;
const SPACING = 28;
const HEIGHT = 150;

/** A lead over a parameter, or odds over a number of samples, a panel each, on one scale; where a lead changes hands is shaded. */
export function leadsSpec(chart: LeadChart, width: number): TopLevelSpec {
  const perRow = width > NARROW ? panelColumns(chart.panels.length, width, 200) : 1;
  const plot = Math.floor((width - AXIS_WIDTH - (perRow - 1) * SPACING) / perRow);
  const leads = chart.panels.flatMap((panel) => panel.points.map((point) => point.lead));
  const [lowest, highest] = [Math.min(...chart.levels, ...leads), Math.max(...chart.levels, ...leads)];
  const room = (highest - lowest || 1) * 0.08;
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: chart.panels.map((panel, at) => ({
      width: plot,
      height: HEIGHT,
      data: { values: [...panel.points] },
      encoding: {
        x: {
          type: 'quantitative',
          scale: {
            type: panel.scale,
            domain: [panel.low, panel.high],
            nice: false,
            ...(panel.scale === 'log' ? {} : { zero: false }),
          },
          axis: {
            title: panel.unit || null,
            grid: false,
            domain: true,
            labelFlush: true,
            format: panel.high >= 10_000 ? '~s' : '~r',
            ...(panel.scale === 'log'
              ? { values: decades(panel.low, panel.high) }
              : { tickCount: Math.max(2, Math.floor(plot / 80)) }),
          },
        },
        y: {
          type: 'quantitative',
          scale: { domain: [lowest - room, highest + room], nice: false, zero: false },
          axis: { title: null, labels: at % perRow === 0, tickCount: 4, format: '~r' },
        },
      },
      layer: [
        {
          data: { values: panel.crossings.map(({ low, high }) => ({ low, high })) },
          mark: { type: 'rect', color: colour('band'), stroke: colour('more'), strokeWidth: 1 },
          encoding: { x: { field: 'low' }, x2: { field: 'high' }, y: { value: 0 }, y2: { value: HEIGHT } },
        },
        {
          data: { values: chart.levels.map((level) => ({ level })) },
          mark: { type: 'rule', color: colour('ink'), strokeWidth: 1, strokeDash: [4, 3] },
          encoding: { x: { value: 0 }, x2: { value: plot }, y: { field: 'level' } },
        },
        {
          mark: { type: 'line', color: colour('accent'), strokeWidth: 1.5 },
          encoding: { x: { field: 'at' }, y: { field: 'lead' } },
        },
        {
          mark: { type: 'point', filled: true, opacity: 1, size: 22, color: colour('accent') },
          encoding: { x: { field: 'at' }, y: { field: 'lead' } },
        },
        ...(panel.nominal === null
          ? []
          : [
              {
                transform: [{ filter: `datum.at === ${panel.nominal}` }],
                mark: {
                  type: 'point',
                  shape: 'diamond',
                  filled: true,
                  opacity: 1,
                  size: 110,
                  color: colour('ink'),
                },
                encoding: { x: { field: 'at' }, y: { field: 'lead' } },
              },
            ]),
        ...heads(panel.title, [panel.note], plot + SPACING - 4),
      ],
    })),
  } as unknown as TopLevelSpec;
}
