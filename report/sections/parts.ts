import type { PartsChart } from '../../contracts/report-charts.js';
import type { ReportTable } from '../../contracts/report-table.js';
import type { MetricPart, RunMetric, RunResult } from '../../contracts/run.js';
import { formatNumber, formatQuantity } from '../format.js';
import { whyAbsent } from '../run-index.js';
import { absentCell, columns, figureCell } from '../table.js';
import type { AlternativeRuns } from './metrics.js';

/** A part that is below this share of every alternative's time is in the table only, and in the rest of the chart. */
const SHOWN = 0.005;

export interface Split {
  readonly short: string;
  readonly run: RunResult | undefined;
  readonly parts: readonly MetricPart[];
  readonly total: number;
}

/** A metric of an alternative at draw 0 with its parts. */
export function splitOf({ alternative, runs }: AlternativeRuns, metric: string): Split {
  const run = runs.find(({ draw }) => draw === 0);
  return {
    short: alternative.short,
    run,
    parts: run?.parts?.[metric] ?? [],
    total: run?.metrics[metric]?.value ?? 0,
  };
}

/** Titles in the order in which they are stated, with whether they are waiting. */
function titlesOf(splits: readonly Split[]): ReadonlyMap<string, boolean> {
  return new Map(splits.flatMap(({ parts }) => parts.map(({ title, waiting }) => [title, waiting] as const)));
}

/** What these parts are together. */
export function valueOf({ parts }: Split, titles: readonly string[]): number {
  return parts.filter(({ title }) => titles.includes(title)).reduce((sum, { value }) => sum + value, 0);
}

/** A part to draw: itself, or all that are too small to be seen. */
export interface DrawnPart {
  readonly label: string;
  readonly titles: readonly string[];
  readonly waiting: boolean;
}

/** The parts that can be seen, in the order in which they are stated, and the rest as one. */
export function drawnParts(splits: readonly Split[]): readonly DrawnPart[] {
  const titles = titlesOf(splits);
  const shown = [...titles.keys()].filter((title) =>
    splits.some((split) => split.total > 0 && valueOf(split, [title]) >= SHOWN * split.total),
  );
  const rest = [...titles.keys()].filter((title) => !shown.includes(title));
  return [
    ...shown.map((title) => ({ label: title, titles: [title], waiting: titles.get(title) === true })),
    ...(rest.length === 0 ? [] : [{ label: 'all else', titles: rest, waiting: false }]),
  ];
}

/** Why an alternative has no parts. */
export function whyNoParts({ run }: Split): string {
  return whyAbsent(run ? [run] : []).text;
}

/** For each alternative the whole, and the part that is the most of it. */
export function summaryOf(splits: readonly Split[], drawn: readonly DrawnPart[], unit: string): string {
  const words = splits.map((split) => {
    if (split.parts.length === 0) return `${split.short}: ${whyNoParts(split)}`;
    const [first] = drawn.toSorted((a, b) => valueOf(split, b.titles) - valueOf(split, a.titles));
    const most = first === undefined || split.total === 0 ? '' : `, most of it ${first.label}`;
    return `${split.short}: ${formatQuantity(split.total, unit)}${most}`;
  });
  return `${words.join('; ')}.`;
}

/** Every part, and all of it, by alternative. */
export function partsTable(id: string, caption: string, splits: readonly Split[]): ReportTable {
  const titles = titlesOf(splits);
  const shorts = splits.map(({ short }) => short);
  return {
    id: `${id}-figures`,
    caption,
    columns: columns(['Part', ...shorts], shorts),
    groups: [
      {
        title: '',
        rows: [...titles, ['All of it', false] as const].map(([part, waiting]) => ({
          title: part,
          note: waiting ? 'waiting' : '',
          cells: splits.map((split) =>
            split.parts.length === 0
              ? absentCell(whyNoParts(split))
              : figureCell(formatNumber(titles.has(part) ? valueOf(split, [part]) : split.total), ''),
          ),
        })),
      },
    ],
  };
}

/** The metric as the first run that has its parts states it; null when none has. */
export function splitMetric(splits: readonly Split[], metric: string): RunMetric | null {
  return splits.find(({ parts }) => parts.length > 0)?.run?.metrics[metric] ?? null;
}

/** What a metric of elapsed time is the sum of under each alternative, at draw 0; null when no run says, or when it is no time. */
export function partsChart(
  anchor: string,
  workload: string,
  metric: string,
  all: readonly AlternativeRuns[],
): PartsChart | null {
  const splits = all.map((each) => splitOf(each, metric));
  const stated = splitMetric(splits, metric);
  if (stated === null || isWork(stated)) return null;
  const drawn = drawnParts(splits);
  const { unit, title } = stated;
  const id = partsId(anchor, metric);
  return {
    kind: 'parts',
    id,
    title: `What bounds it: ${title}`,
    context: workload,
    description:
      `${title} at the platform's own costs, split along the critical path: at each moment, what had to end before the rest could go on. ` +
      'A hollow bar is waiting. The parts sum to the time.',
    summary: summaryOf(splits, drawn, unit),
    unit,
    panels: splits.map((split) => ({
      title: split.short,
      note: split.parts.length === 0 ? '' : `${formatQuantity(split.total, unit)} in all`,
      absent: split.parts.length === 0 ? whyNoParts(split) : '',
      rows: drawn.map(({ label, titles: members, waiting }) => {
        const value = valueOf(split, members);
        return { label, value, waiting, text: formatNumber(value) };
      }),
    })),
    table: partsTable(id, `${title} of “${workload}” by what bounded it, in ${unit}`, splits),
  };
}

/** Work is counted in cycles, and has no path. */
export function isWork({ unit }: RunMetric): boolean {
  return unit === 'cycles';
}

export function partsId(anchor: string, metric: string): string {
  return `${anchor}-${metric.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-parts`;
}

/** Metrics that some run splits into parts, in the order in which they are first stated. */
export function splitMetrics(all: readonly AlternativeRuns[]): readonly string[] {
  return [...new Set(all.flatMap(({ runs }) => runs.flatMap(({ parts }) => Object.keys(parts ?? {}))))];
}
