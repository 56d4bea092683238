import type { PartsChart } from '../../contracts/document.js';
import type { MetricPart, RunResult } from '../../contracts/run.js';
import { formatNumber, formatQuantity } from '../format.js';
import { whyAbsent } from '../run-index.js';
import { absentCell, columns, figureCell } from '../table.js';
import type { AlternativeRuns } from './metrics.js';

/** A part that is below this share of every alternative's time is in the table only, and in the rest of the chart. */
const SHOWN = 0.005;

interface Split {
  readonly short: string;
  readonly run: RunResult | undefined;
  readonly parts: readonly MetricPart[];
  readonly total: number;
}

function splitOf({ alternative, runs }: AlternativeRuns, metric: string): Split {
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

function valueOf({ parts }: Split, titles: readonly string[]): number {
  return parts.filter(({ title }) => titles.includes(title)).reduce((sum, { value }) => sum + value, 0);
}

/** What a metric of elapsed time is the sum of under each alternative, at draw 0; null when no run says. */
export function partsChart(
  anchor: string,
  workload: string,
  metric: string,
  all: readonly AlternativeRuns[],
): PartsChart | null {
  const splits = all.map((each) => splitOf(each, metric));
  const stated = splits.find(({ parts }) => parts.length > 0)?.run?.metrics[metric];
  if (stated === undefined) return null;
  const titles = titlesOf(splits);
  const shown = [...titles.keys()].filter((title) =>
    splits.some((split) => split.total > 0 && valueOf(split, [title]) >= SHOWN * split.total),
  );
  const rest = [...titles.keys()].filter((title) => !shown.includes(title));
  const drawn = [
    ...shown.map((title) => ({ label: title, titles: [title], waiting: titles.get(title) === true })),
    ...(rest.length === 0 ? [] : [{ label: 'all else', titles: rest, waiting: false }]),
  ];
  const { unit, title } = stated;
  /** Work is counted in cycles, and has no path. */
  const isWork = unit === 'cycles';
  const id = `${anchor}-${metric.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-parts`;
  const shorts = splits.map(({ short }) => short);
  const words = splits.map((split) => {
    if (split.parts.length === 0) return `${split.short}: ${whyAbsent(split.run ? [split.run] : []).text}`;
    const [first] = drawn.toSorted((a, b) => valueOf(split, b.titles) - valueOf(split, a.titles));
    const most = first === undefined ? '' : `, most of it ${first.label}`;
    return `${split.short}: ${formatQuantity(split.total, unit)}${most}`;
  });
  return {
    kind: 'parts',
    id,
    title: `${isWork ? 'What it is spent on' : 'What bounds it'}: ${title}`,
    context: workload,
    description: isWork
      ? `${title} at the platform's own costs, split by what they were charged for. The parts sum to the whole.`
      : `${title} at the platform's own costs, split along the critical path: at each moment, what had to end before the rest could go on. ` +
        'A hollow bar is waiting. The parts sum to the time.',
    summary: `${words.join('; ')}.`,
    unit,
    panels: splits.map((split) => ({
      title: split.short,
      note: split.parts.length === 0 ? '' : `${formatQuantity(split.total, unit)} in all`,
      absent: split.parts.length === 0 ? whyAbsent(split.run ? [split.run] : []).text : '',
      rows: drawn.map(({ label, titles: members, waiting }) => {
        const value = valueOf(split, members);
        return { label, value, waiting, text: formatNumber(value) };
      }),
    })),
    table: {
      id: `${id}-figures`,
      caption: `${title} of “${workload}” ${isWork ? 'by what it is spent on' : 'by what bounded it'}, in ${unit}`,
      columns: columns(['Part', ...shorts], shorts),
      groups: [
        {
          title: '',
          rows: [...titles, ['All of it', false] as const].map(([part, waiting]) => ({
            title: part,
            note: waiting ? 'waiting' : '',
            cells: splits.map((split) =>
              split.parts.length === 0
                ? absentCell(whyAbsent(split.run ? [split.run] : []).text)
                : figureCell(formatNumber(titles.has(part) ? valueOf(split, [part]) : split.total), ''),
            ),
          })),
        },
      ],
    },
  };
}

/** Metrics that some run splits into parts, in the order in which they are first stated. */
export function splitMetrics(all: readonly AlternativeRuns[]): readonly string[] {
  return [...new Set(all.flatMap(({ runs }) => runs.flatMap(({ parts }) => Object.keys(parts ?? {}))))];
}
