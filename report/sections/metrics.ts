import type { Spread } from '../../contracts/decision.js';
import type { IntervalChart } from '../../contracts/report-charts.js';
import type { ReportTable, TableCell } from '../../contracts/report-table.js';
import type { RunMetric, RunResult } from '../../contracts/run.js';
import type { StudyAlternative } from '../../contracts/study.js';
import { sampledDraws, spreadOf } from '../../decision/index.js';
import { formatNumber, formatQuantity, formatRange } from '../format.js';
import { whyAbsent } from '../run-index.js';
import { absentCell, barOn, columns, figureCell, plainTable } from '../table.js';

/** One alternative's runs of a workload, by ascending draw. */
export interface AlternativeRuns {
  readonly alternative: StudyAlternative;
  readonly runs: readonly RunResult[];
}

interface MetricRow {
  readonly name: string;
  readonly metric: RunMetric;
  readonly spreads: readonly (Spread | null)[];
}

/** A metric over the draws; null unless every run states it. */
export function spreadOfMetric(runs: readonly RunResult[], name: string): Spread | null {
  const values = runs.flatMap((run) => {
    const value = run.metrics[name]?.value;
    return value === undefined || !Number.isFinite(value) ? [] : [value];
  });
  return values.length === 0 || values.length < runs.length
    ? null
    : spreadOf(values[0], Float64Array.from(sampledDraws(values)));
}

/** Every metric that any run states, in the order in which it is first stated, with its spread over draws by alternative. */
export function metricRows(all: readonly AlternativeRuns[]): readonly MetricRow[] {
  const metrics = new Map<string, RunMetric>();
  for (const { runs } of all)
    for (const run of runs)
      for (const [name, metric] of Object.entries(run.metrics)) if (!metrics.has(name)) metrics.set(name, metric);
  return [...metrics].map(([name, metric]) => ({
    name,
    metric,
    spreads: all.map(({ runs }) => spreadOfMetric(runs, name)),
  }));
}

/** From zero, or from the least figure when it is negative, to the greatest. */
function scaleOf(spreads: readonly (Spread | null)[]): { readonly from: number; readonly to: number } {
  const present = spreads.filter((spread) => spread !== null);
  return { from: Math.min(0, ...present.map((each) => each.p5)), to: Math.max(0, ...present.map((each) => each.p95)) };
}

function cellOf(spread: Spread | null, row: MetricRow, runs: readonly RunResult[]): TableCell {
  if (spread === null) {
    const stated = runs.filter((run) => run.metrics[row.name] !== undefined);
    if (stated.length > 0) return absentCell('not in every draw', `stated in ${stated.length} of ${runs.length}`);
    const reason = whyAbsent(runs);
    return { ...absentCell(reason.text, reason.note), tone: reason.text === 'refused' ? 'fails' : 'absent' };
  }
  const range = formatNumber(spread.p5) === formatNumber(spread.p95) ? '' : formatRange(spread.p5, spread.p95);
  const bar = barOn(scaleOf(row.spreads), { low: spread.p5, mid: spread.p50, high: spread.p95 });
  return figureCell(formatQuantity(spread.p50, row.metric.unit), range, bar);
}

/** The metrics of a workload by alternative; null when no run states any. */
export function metricsTable(anchor: string, caption: string, all: readonly AlternativeRuns[]): ReportTable | null {
  const rows = metricRows(all);
  if (rows.length === 0) return null;
  const shorts = all.map(({ alternative }) => alternative.short);
  return plainTable(
    `${anchor}-metrics`,
    caption,
    columns(['Metric', ...shorts], shorts),
    rows.map((row) => ({
      title: row.metric.title,
      note: `${row.metric.better} is better`,
      cells: all.map(({ runs }, at) => cellOf(row.spreads[at] ?? null, row, runs)),
    })),
  );
}

/** One metric by alternative as points with intervals over the draws. */
export function metricChart(
  anchor: string,
  workload: string,
  name: string,
  all: readonly AlternativeRuns[],
): IntervalChart | null {
  const row = metricRows(all).find((each) => each.name === name);
  if (row === undefined) return null;
  const rows = all.map(({ alternative, runs }, at) => {
    const spread = row.spreads[at] ?? null;
    const cell = cellOf(spread, row, runs);
    const interval = spread && { low: spread.p5, mid: spread.p50, high: spread.p95 };
    return {
      label: alternative.short,
      interval,
      text: cell.note && !interval ? `${cell.text} (${cell.note})` : cell.text,
      range: cell.note,
    };
  });
  const id = `${anchor}-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return {
    kind: 'intervals',
    id,
    title: row.metric.title,
    context: workload,
    description: `${row.metric.title} in ${row.metric.unit} under each alternative: median of the draws, and the interval that holds nine in ten; ${row.metric.better} is better.`,
    summary: `${rows.map((each) => `${each.label}: ${each.text}`).join('; ')}.`,
    unit: row.metric.unit,
    panels: [{ title: '', rows: rows.map(({ label, interval, text }) => ({ label, interval, text })) }],
    table: plainTable(
      `${id}-figures`,
      `${row.metric.title} of “${workload}”, in figures`,
      columns(['Alternative', 'Median', 'Nine in ten'], ['Median', 'Nine in ten']),
      rows.map((each) => ({
        title: each.label,
        note: '',
        cells: each.interval
          ? [figureCell(each.text, ''), figureCell(each.range || 'the same in every draw', '')]
          : [absentCell(each.text), absentCell('none')],
      })),
    ),
  };
}
