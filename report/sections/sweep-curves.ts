import type { CurveChart, GridAxis } from '../../contracts/report-charts.js';
import { formatNumber, formatQuantity, formatRange } from '../format.js';
import { anchorOf } from '../names.js';
import { absentCell, columns, figureCell, plainTable } from '../table.js';
import { type SweptMetric, sweptMetric, sweptScale, sweptValue } from './sweep-points.js';

/** A metric over one parameter; null when no run states it. */
export function curveChart(of: SweptMetric, across: GridAxis): CurveChart | null {
  const metric = sweptMetric(of);
  if (metric === null) return null;
  const { anchor, workload, alternatives } = of;
  const rows = across.values.map((at, point) => ({
    at,
    cells: alternatives.map(({ id }) => sweptValue(of, point, id)),
  }));
  const panels = alternatives.map(({ short }, index) => {
    const points = rows.flatMap(({ at, cells }) => {
      const { value } = cells[index];
      return value === null ? [] : [{ at, value }];
    });
    const values = points.map(({ value }) => value);
    const note =
      values.length === 0
        ? (rows[0]?.cells[index].absent ?? '')
        : `${formatRange(Math.min(...values), Math.max(...values))}\u202f${metric.unit}`;
    return { title: short, note, points };
  });
  const { scale } = sweptScale(panels.flatMap(({ points }) => points.map(({ value }) => value)));
  const id = `${anchor}-${anchorOf(of.metric)}`;
  const shorts = alternatives.map(({ short }) => short);
  return {
    kind: 'curves',
    id,
    title: metric.title,
    context: workload,
    description:
      `${metric.title} in ${metric.unit}${scale === 'log' ? ' on a logarithmic scale' : ''} (upwards) over “${across.title}” ` +
      `(from left to right), a panel an alternative; ${metric.better} is better. A dot is one run.`,
    summary: `${panels.map(({ title, note }) => `${title}: ${note}`).join('; ')}.`,
    across,
    unit: metric.unit,
    scale,
    panels,
    table: plainTable(
      `${id}-figures`,
      `${metric.title} of “${workload}”, in ${metric.unit}`,
      columns([across.title, ...shorts], shorts),
      rows.map(({ at, cells }) => ({
        title: formatQuantity(at, across.unit),
        note: '',
        cells: cells.map(({ value, absent }) =>
          value === null ? absentCell(absent) : figureCell(formatNumber(value), ''),
        ),
      })),
    ),
  };
}
