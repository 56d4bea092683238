import type { GridAxis, MapChart } from '../../contracts/report-charts.js';
import type { ReportTable } from '../../contracts/report-table.js';
import type { RunMetric, RunResult } from '../../contracts/run.js';
import { formatNumber, formatQuantity, formatRange, lowered } from '../format.js';
import { anchorOf } from '../names.js';
import { absentCell, columns, figureCell } from '../table.js';
import { type SweptMetric, type SweptValue, sweptMetric, sweptScale, sweptValue } from './sweep-points.js';

type Panel = MapChart['panels'][number];
type Side = 'below' | 'above' | null;

/** A metric that parts the grid in two. */
interface Frontier extends NonNullable<RunMetric['frontier']> {
  readonly name: string;
}

/** The first metric that parts the grid, if a run states one. */
function frontierOf({ result }: SweptMetric): Frontier | null {
  const metrics = result.points.flatMap(({ runs }) => runs.flatMap((run) => Object.entries(run.metrics)));
  const found = metrics.find(([, { frontier }]) => frontier !== undefined);
  return found === undefined ? null : { name: found[0], ...found[1].frontier! };
}

function sideOf(run: RunResult | undefined, frontier: Frontier | null): Side {
  const value = frontier === null ? undefined : run?.metrics[frontier.name]?.value;
  if (frontier === null || value === undefined) return null;
  return value < frontier.at ? 'below' : 'above';
}

/** Sides that part cells which lie beside each other and differ. */
function partsOf(sides: readonly Side[], width: number): Panel['frontier'] {
  const differ = (a: Side, b: Side = null): boolean => a !== null && b !== null && a !== b;
  return sides.flatMap((side, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return [
      ...(x + 1 < width && differ(side, sides[at + 1])
        ? [{ fromAcross: x + 1, fromUp: y, toAcross: x + 1, toUp: y + 1 }]
        : []),
      ...(differ(side, sides[at + width]) ? [{ fromAcross: x, fromUp: y + 1, toAcross: x + 1, toUp: y + 1 }] : []),
    ];
  });
}

function noteOf(
  values: readonly SweptValue[],
  sides: readonly Side[],
  frontier: Frontier | null,
  unit: string,
): string {
  const stated = values.flatMap(({ value }) => (value === null ? [] : [value]));
  if (stated.length === 0) return values[0]?.absent ?? '';
  const range = `${formatRange(Math.min(...stated), Math.max(...stated))}\u202f${unit}`;
  if (frontier === null) return range;
  return `${range}; ${frontier.above} in ${sides.filter((side) => side === 'above').length} of ${sides.length}`;
}

/** A metric over two parameters with its frontier; null when no run states it. */
export function mapChart(of: SweptMetric, across: GridAxis, up: GridAxis): MapChart | null {
  const metric = sweptMetric(of);
  if (metric === null) return null;
  const { anchor, workload, alternatives, result } = of;
  const frontier = frontierOf(of);
  const width = across.values.length;
  const grids = alternatives.map(({ id, short }) => {
    const values = result.points.map((_, point) => sweptValue(of, point, id));
    return { short, values, sides: values.map(({ run }) => sideOf(run, frontier)) };
  });
  const all = grids.flatMap(({ values }) => values.flatMap(({ value }) => (value === null ? [] : [value])));
  const { low, high, scale } = sweptScale(all);
  const shadeOf = (value: number): number => {
    if (high === low) return 0;
    return scale === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  };
  const panels = grids.map(({ short, values, sides }): Panel => ({
    title: short,
    note: noteOf(values, sides, frontier, metric.unit),
    cells: values.map(({ value, absent }, at) => ({
      across: at % width,
      up: Math.floor(at / width),
      shade: value === null ? null : shadeOf(value),
      text: value === null ? absent : formatNumber(value),
      strong: sides[at] === 'below',
    })),
    frontier: partsOf(sides, width),
  }));
  const id = `${anchor}-${anchorOf(of.metric)}`;
  return {
    kind: 'map',
    id,
    title: metric.title,
    context: workload,
    description:
      `A cell is one run: “${across.title}” goes from left to right, “${up.title}” upwards, and the figure is ${lowered(metric.title)} in ` +
      `${metric.unit}; the darker, the more${scale === 'log' ? ', on a logarithmic scale' : ''}.` +
      (frontier === null
        ? ''
        : ` The heavy line is the frontier: ${frontier.below} in the cells with bold figures, and ${frontier.above} in the others.`),
    summary: `${panels.map(({ title, note }) => `${title}: ${note}`).join('; ')}.`,
    across,
    up,
    panels,
    table: figures(id, { metric, across, up, frontier, grids, workload }),
  };
}

function figures(
  id: string,
  {
    metric,
    across,
    up,
    frontier,
    grids,
    workload,
  }: {
    readonly metric: RunMetric;
    readonly across: GridAxis;
    readonly up: GridAxis;
    readonly frontier: Frontier | null;
    readonly grids: readonly {
      readonly short: string;
      readonly values: readonly SweptValue[];
      readonly sides: readonly Side[];
    }[];
    readonly workload: string;
  },
): ReportTable {
  const heads = across.values.map((value) => formatQuantity(value, across.unit));
  return {
    id: `${id}-figures`,
    caption: `${metric.title} of “${workload}” in ${metric.unit}: ${lowered(across.title)} by column, ${lowered(up.title)} by row`,
    columns: columns([up.title, ...heads], heads),
    groups: grids.map(({ short, values, sides }) => ({
      title: short,
      rows: up.values.map((value, row) => ({
        title: formatQuantity(value, up.unit),
        note: '',
        cells: heads.map((_, column) => {
          const at = row * heads.length + column;
          const cell = values[at];
          if (cell.value === null) return absentCell(cell.absent);
          return figureCell(formatNumber(cell.value), sides[at] === 'below' && frontier !== null ? frontier.below : '');
        }),
      })),
    })),
  };
}
