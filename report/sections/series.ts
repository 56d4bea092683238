import type { ReportTable, TableCell } from '../../contracts/report-table.js';
import type { SeriesChart } from '../../contracts/report-charts.js';
import type { RunResult, RunSeries } from '../../contracts/run.js';
import { quantile, sampledDraws } from '../../decision/index.js';
import { formatInteger, formatNumber, formatRange } from '../format.js';
import { whyAbsent } from '../run-index.js';
import { absentCell, columns, figureCell, textCell } from '../table.js';
import type { AlternativeRuns } from './metrics.js';

type Panel = SeriesChart['panels'][number];

function totalOf(series: RunSeries): number {
  return series.values.reduce((sum, value) => sum + value, 0);
}

/** The draw whose total is the (lower) median of the totals; of equals the earliest. */
export function medianDraw(runs: readonly RunResult[], name: string): RunResult | null {
  const stated = runs.filter((run) => run.series[name]);
  const total = (run: RunResult): number => totalOf(run.series[name]);
  const ordered = stated.toSorted((a, b) => total(a) - total(b) || a.draw - b.draw);
  return ordered[Math.floor((ordered.length - 1) / 2)] ?? null;
}

function panelOf({ alternative, runs }: AlternativeRuns, name: string): Panel {
  const median = medianDraw(runs, name)?.series[name];
  if (median === undefined || median.values.length === 0) {
    const { text, note } = whyAbsent(runs);
    return { title: alternative.short, note: '', absent: note ? `${text}, ${note}` : text, points: [] };
  }
  const points = median.values.map((value, at) => {
    const drawn = Float64Array.from(sampledDraws(runs).flatMap((run) => run.series[name]?.values[at] ?? [])).sort();
    if (drawn.length === 0) return { index: at + 1, low: value, value, high: value };
    return {
      index: at + 1,
      low: Math.min(value, quantile(drawn, 0.05)),
      value,
      high: Math.max(value, quantile(drawn, 0.95)),
    };
  });
  const lengths = runs.flatMap((run) => run.series[name]?.values.length ?? []);
  const range = formatRange(Math.min(...lengths), Math.max(...lengths));
  const count = range.includes(' ') || lengths.length === 1 ? range : formatInteger(points.length);
  const steps = count === '1' ? median.index : `${median.index}s`;
  return {
    title: alternative.short,
    note: `${count} ${steps}, ${formatInteger(totalOf(median))}\u202f${median.unit} in all`,
    absent: '',
    points,
  };
}

function scaleOf(panels: readonly Panel[]): SeriesChart['scale'] {
  const values = panels.flatMap((panel) => panel.points.map((point) => point.low));
  const highest = Math.max(...panels.flatMap((panel) => panel.points.map((point) => point.high)));
  return values.every((value) => value > 0) && highest / Math.min(...values) > 10 ? 'log' : 'linear';
}

function figures(id: string, index: string, panels: readonly Panel[], title: string): ReportTable {
  const longest = Math.max(...panels.map((panel) => panel.points.length));
  return {
    id: `${id}-figures`,
    caption: `${title}, in figures: the median draw, and the interval that holds nine draws in ten where it is wider`,
    columns: columns(
      [index, ...panels.map((panel) => panel.title)],
      panels.map((panel) => panel.title),
    ),
    groups: [
      {
        title: '',
        rows: Array.from({ length: longest }, (_, at) => ({
          title: String(at + 1),
          note: '',
          cells: panels.map((panel): TableCell => {
            const point = panel.points[at];
            if (!point) return panel.absent ? absentCell(panel.absent) : textCell('ended');
            const range = formatRange(point.low, point.high);
            return figureCell(formatNumber(point.value), range === formatNumber(point.value) ? '' : range);
          }),
        })),
      },
    ],
  };
}

/** A series by alternative on a shared scale; null when no run has it. */
export function seriesChart(
  anchor: string,
  workload: string,
  name: string,
  all: readonly AlternativeRuns[],
): SeriesChart | null {
  const first = all.flatMap(({ runs }) => runs).find((run) => run.series[name])?.series[name];
  const panels = all.map((each) => panelOf(each, name));
  if (first === undefined || panels.every((panel) => panel.points.length === 0)) return null;
  const id = `${anchor}-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const scale = scaleOf(panels);
  const summary = panels.map((panel) => `${panel.title}: ${panel.absent || panel.note}`).join('; ');
  return {
    kind: 'series',
    id,
    title: first.title,
    context: workload,
    description:
      `The draw of median total, in ${first.unit}${scale === 'log' ? ' on a logarithmic scale' : ''}; ` +
      'the band holds nine draws in ten.',
    summary: `${summary}.`,
    index: first.index,
    unit: first.unit,
    scale,
    panels,
    table: figures(id, first.index, panels, `${first.title} of “${workload}”`),
  };
}

/** Names of all series that the runs state and that stand on no time line, in the order in which they are first stated. */
export function seriesNames(all: readonly AlternativeRuns[]): readonly string[] {
  return [
    ...new Set(
      all.flatMap(({ runs }) =>
        runs.flatMap((run) => Object.keys(run.series).filter((name) => run.series[name].timeLine === undefined)),
      ),
    ),
  ];
}
