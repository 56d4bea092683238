import type { TopLevelSpec } from 'vega-lite';
import type { TimeLineChart } from '../../contracts/report-charts.js';
import { colour } from '../palette.js';
import { heads } from './panel.js';
import { chartConfig, NARROW, panelColumns } from './style.js';

const AXIS_WIDTH = 44;
const SPACING = 24;
const HEIGHT = 70;
/** Between two tracks, with the title of the lower one. */
const BETWEEN = 34;
/** A gap between steps shows from this share of the axis. */
const GAP = 0.002;
/** Half a pixel as a share of the height. */
const UNSEEN = 0.5 / HEIGHT;

type Panel = TimeLineChart['panels'][number];
type Step = Panel['steps'][number][number];

interface Place {
  readonly plot: number;
  /** Whether the panel stands at the left end of its row. */
  readonly first: boolean;
}

/** What happened when, a track above the other, a panel an alternative. */
export function timeLineSpec(chart: TimeLineChart, width: number): TopLevelSpec {
  const perRow = width > NARROW ? panelColumns(chart.panels.length, width, 250) : 1;
  const plot = Math.floor((width - AXIS_WIDTH - (perRow - 1) * SPACING) / perRow);
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: chart.panels.map((panel, at) => ({
      spacing: BETWEEN,
      bounds: 'flush',
      vconcat: chart.tracks.map((_, index) => trackSpec(chart, panel, index, { plot, first: at % perRow === 0 })),
    })),
  } as unknown as TopLevelSpec;
}

function trackSpec(chart: TimeLineChart, panel: Panel, index: number, { plot, first }: Place) {
  const { title, unit, highest, blocks } = chart.tracks[index];
  const isLast = index === chart.tracks.length - 1;
  const steps = panel.steps[index];
  const named = unit === '' ? title : `${title}, ${unit}`;
  const room = plot + SPACING - 4;
  return {
    width: plot,
    height: HEIGHT,
    data: { values: outlineOf(steps, chart.end * GAP, highest * UNSEEN) },
    encoding: {
      x: {
        field: 'at',
        type: 'quantitative',
        scale: { domain: [0, chart.end], nice: false },
        axis: {
          title: isLast ? 's' : null,
          labels: isLast,
          grid: false,
          domain: true,
          tickCount: Math.max(2, Math.floor(plot / 60)),
          format: '~r',
        },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        scale: { domain: [0, highest || 1], nice: true },
        axis: { title: null, labels: first, tickCount: 3, format: '~s' },
      },
    },
    layer: [
      { mark: { type: 'area', interpolate: 'step-after', color: colour('band') } },
      { mark: { type: 'line', interpolate: 'step-after', color: colour('accent'), strokeWidth: 1.5 } },
      ...(blocks
        ? [
            {
              data: { values: separatorsOf(steps, highest) },
              mark: { type: 'line', color: colour('paper'), strokeWidth: 1 },
            },
          ]
        : []),
      {
        data: { values: [...panel.pauses] },
        mark: { type: 'rect', color: colour('more'), fillOpacity: 0.15, stroke: colour('more'), strokeWidth: 1 },
        encoding: { x: { field: 'from' }, x2: { field: 'to' }, y: { value: 0 }, y2: { value: HEIGHT } },
      },
      ...(index > 0
        ? heads('', [named], room).slice(1)
        : heads(panel.title, [panel.absent || panel.note, named], room, panel.absent === '' ? 'muted' : 'more')),
    ],
  };
}

/** Upright lines where one step gives way to the next, as one broken line, which makes a small picture. */
function separatorsOf(steps: readonly Step[], highest: number) {
  return steps.slice(1).flatMap(({ from }) => [
    { at: from, value: 0 },
    { at: from, value: highest },
    { at: from, value: null },
  ]);
}

/** Corners of the steps, down to zero where there is none; one that would not be seen is left out. */
function outlineOf(steps: readonly Step[], gap: number, unseen: number) {
  const corners: { readonly at: number; readonly value: number }[] = [];
  for (const [index, { from, to, value }] of steps.entries()) {
    const last = corners.at(-1);
    const joins = last !== undefined && from - steps[index - 1].to <= gap;
    if (!joins || Math.abs(value - last.value) > unseen) corners.push({ at: from, value });
    const next = steps[index + 1];
    if (next === undefined || next.from - to > gap) corners.push({ at: to, value: 0 });
  }
  return corners;
}
