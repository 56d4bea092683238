import type { TopLevelSpec } from 'vega-lite';
import type { GridAxis, MapChart } from '../../contracts/report-charts.js';
import { formatNumber } from '../format.js';
import { colour } from '../palette.js';
import { heads } from './panel.js';
import { chartConfig, FONT_SIZE, NARROW, panelColumns } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const SPACING = 26;
const CELL_HEIGHT = 26;
/** Beyond it text in the shade would be hard to read. */
const DARKEST = 0.45;
const PALEST = 0.04;
const LABEL_PADDING = 8;

/** Shaded cells with their figures, a panel an alternative, and the frontier as a heavy line. */
export function mapSpec(chart: MapChart, width: number): TopLevelSpec {
  const { across, up, panels } = chart;
  const axisWidth = LABEL_PADDING + Math.max(...up.values.map((value) => textWidth(formatNumber(value), FONT_SIZE)));
  const perRow = width > NARROW ? panelColumns(panels.length, width, 250) : 1;
  const plot = Math.floor((width - axisWidth - (perRow - 1) * SPACING) / perRow);
  const height = up.values.length * CELL_HEIGHT;
  const cell = plot / across.values.length - 4;
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: panels.map((panel, at) => ({
      width: plot,
      height,
      data: {
        values: panel.cells.map(({ across: x, up: y, shade, text, strong }) => ({
          x,
          y,
          x2: x + 1,
          y2: y + 1,
          shade: shade === null ? 0 : PALEST + shade * (DARKEST - PALEST),
          text: fitText(text, FONT_SIZE, cell),
          strong,
          absent: shade === null,
        })),
      },
      encoding: {
        x: { field: 'x', type: 'quantitative', ...axisOf(across, true, titleOf(across, plot)) },
        y: { field: 'y', type: 'quantitative', ...axisOf(up, at % perRow === 0, null) },
      },
      layer: [
        {
          mark: { type: 'rect', color: colour('accent'), stroke: colour('paper'), strokeWidth: 1 },
          encoding: {
            x2: { field: 'x2' },
            y2: { field: 'y2' },
            fillOpacity: { field: 'shade', type: 'quantitative', scale: null, legend: null },
          },
        },
        ...[false, true].map((strong) => ({
          transform: [
            { filter: `datum.strong === ${strong}` },
            { calculate: 'datum.x + 0.5', as: 'x' },
            { calculate: 'datum.y + 0.5', as: 'y' },
          ],
          mark: { type: 'text', baseline: 'middle', align: 'center', fontWeight: strong ? 700 : 400 },
          encoding: { text: { field: 'text', type: 'nominal' } },
        })),
        {
          data: { values: panel.frontier.map((side) => ({ ...side })) },
          mark: { type: 'rule', color: colour('more'), strokeWidth: 3, strokeCap: 'square' },
          encoding: {
            x: { field: 'fromAcross' },
            y: { field: 'fromUp' },
            x2: { field: 'toAcross' },
            y2: { field: 'toUp' },
          },
        },
        ...heads(panel.title, [panel.note, titleOf(up, plot)], plot + SPACING - 4),
      ],
    })),
  } as unknown as TopLevelSpec;
}

/** Cells of equal size, each labelled with its value. */
function axisOf({ values }: GridAxis, labels: boolean, title: string | null) {
  return {
    scale: { domain: [0, values.length], nice: false },
    axis: {
      title,
      labels,
      grid: false,
      values: values.map((_, at) => at + 0.5),
      labelExpr: `${JSON.stringify(values.map(formatNumber))}[floor(datum.value)]`,
    },
  };
}

function titleOf({ title, unit }: GridAxis, length: number): string {
  return fitText(unit === '' ? title : `${title}, ${unit}`, FONT_SIZE, length);
}
