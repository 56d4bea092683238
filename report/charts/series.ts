import type { TopLevelSpec } from 'vega-lite';
import type { SeriesChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { heads } from './panel.js';
import { chartConfig, NARROW, panelColumns } from './style.js';

const AXIS_WIDTH = 52;
const SPACING = 20;
const HEIGHT = 150;
/** Of more points than these only the line is drawn: each dot is a mark of its own in the picture. */
const MOST_DOTS = 15;

type Panel = SeriesChart['panels'][number];

function marks(panel: Panel) {
  const x = { field: 'index', type: 'quantitative' } as const;
  const y = { field: 'value', type: 'quantitative' } as const;
  return [
    {
      mark: { type: 'area', color: colour('band') } as const,
      encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
    },
    { mark: { type: 'line', color: colour('accent'), strokeWidth: 1.5 } as const, encoding: { x, y } },
    ...(panel.points.length > MOST_DOTS
      ? []
      : [
          {
            mark: { type: 'point', filled: true, opacity: 1, size: 24, color: colour('accent') } as const,
            encoding: { x, y },
          },
        ]),
  ];
}

/** Lines by index, a panel an alternative, on one scale. */
export function seriesSpec(chart: SeriesChart, width: number): TopLevelSpec {
  const perRow = panelColumns(chart.panels.length, width, width > NARROW ? 150 : 140);
  const plot = Math.floor((width - AXIS_WIDTH - (perRow - 1) * SPACING) / perRow);
  const points = chart.panels.flatMap((panel) => panel.points);
  const last = Math.max(2, ...points.map((point) => point.index));
  const highest = Math.max(...points.map((point) => point.high));
  const lowest = Math.min(...points.map((point) => point.low));
  const domain = chart.scale === 'log' ? [lowest, highest] : [Math.min(0, lowest), highest || 1];
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
          scale: { domain: [1, last], nice: false },
          axis: {
            title: chart.index,
            grid: false,
            tickMinStep: 1,
            tickCount: Math.min(6, last),
            format: 'd',
            domain: true,
          },
        },
        y: {
          scale: { type: chart.scale, domain, nice: true },
          axis: {
            title: null,
            labels: at % perRow === 0,
            tickCount: 4,
            ...(chart.scale === 'log' ? { values: powersOfTen(lowest, highest) } : {}),
            labelExpr: "datum.value === 0 ? '0' : datum.label",
            format: highest >= 1000 || chart.scale === 'log' ? '~s' : '~r',
          },
        },
      },
      layer: [
        ...marks(panel),
        ...heads(
          panel.title,
          noteLines(panel.absent || panel.note),
          plot + SPACING - 4,
          panel.absent === '' ? 'muted' : 'more',
        ),
      ],
    })),
  } as unknown as TopLevelSpec;
}

/** From the one at or below `low` to the one at or above `high`. */
function powersOfTen(low: number, high: number): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}

/** Two lines, the second perhaps empty. */
function noteLines(note: string): readonly string[] {
  const at = note.indexOf(', ');
  return at < 0 ? [note, ''] : [note.slice(0, at), note.slice(at + 2)];
}
