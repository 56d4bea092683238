import type { ReportTable } from '../../contracts/report-table.js';
import type { TimeLineChart } from '../../contracts/report-charts.js';
import type { RunResult, RunSeries } from '../../contracts/run.js';
import { countOf, formatNumber, formatQuantity, formatRange, listOf, lowered } from '../format.js';
import { whyAbsent } from '../run-index.js';
import { absentCell, columns, figureCell, textCell } from '../table.js';
import type { AlternativeRuns } from './metrics.js';

type Panel = TimeLineChart['panels'][number];
type Step = Panel['steps'][number][number];

interface Span {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

interface Placed {
  readonly name: string;
  readonly series: RunSeries;
}

/** Steps of a curve that differ by less than this share of its highest value are one in the table. */
const SAME = 0.01;

/** Series that stand on a time line in tracks, or as pauses across them, in the order in which the run states them. */
function placedSeries(run: RunResult | undefined, pauses: boolean): readonly Placed[] {
  return Object.entries(run?.series ?? {}).flatMap(([name, series]) => {
    if (series.timeLine === undefined || series.times === undefined) return [];
    return (series.timeLine === 'pause') === pauses ? [{ name, series }] : [];
  });
}

/** The run with the platform's own costs, where it states anything that has a time. */
function firstRun({ runs }: AlternativeRuns): RunResult | undefined {
  return runs.find((run) => run.draw === 0 && placedSeries(run, false).length > 0);
}

function stepsOf(series: RunSeries | undefined): readonly Step[] {
  const { values = [], times } = series ?? {};
  return values.map((value, at) => ({ from: times!.starts[at], to: times!.ends[at], value }));
}

function noteOf(tracks: readonly Placed[], pauses: readonly Placed[]): string {
  const [first] = tracks;
  const counted = countOf(first.series.values.length, first.series.index);
  const paused = pauses.map(({ series }) => {
    const total = series.values.reduce((sum, value) => sum + value, 0);
    return `${lowered(series.title)} for ${formatQuantity(total, series.unit)}`;
  });
  return [counted, ...paused].join(', ');
}

function panelOf(all: AlternativeRuns, names: readonly string[]): Panel {
  const run = firstRun(all);
  const title = all.alternative.short;
  if (run === undefined) {
    const { text, note } = whyAbsent(all.runs);
    return { title, note: '', absent: note ? `${text}, ${note}` : text, pauses: [], steps: names.map(() => []) };
  }
  const pauses = placedSeries(run, true);
  return {
    title,
    note: noteOf(placedSeries(run, false), pauses),
    absent: '',
    pauses: pauses.flatMap(({ series }) => stepsOf(series).map(({ from, to }) => ({ from, to }))),
    steps: names.map((name) => stepsOf(run.series[name])),
  };
}

/** Neighbours of a curve that are nearly the same, as one. */
function joined(steps: readonly Step[], highest: number): readonly Span[] {
  const spans: Span[] = [];
  for (const { from, to, value } of steps) {
    const last = spans.at(-1);
    const [low, high] = [Math.min(value, last?.low ?? value), Math.max(value, last?.high ?? value)];
    if (last !== undefined && high - low <= highest * SAME)
      spans[spans.length - 1] = { from: last.from, to, low, high };
    else spans.push({ from, to, low: value, high: value });
  }
  return spans;
}

function figures(id: string, workload: string, tracks: TimeLineChart['tracks'], panels: readonly Panel[]): ReportTable {
  const titles = panels.map((panel) => panel.title);
  return {
    id: `${id}-figures`,
    caption: `The time line of “${workload}”, in figures: steps of a curve that differ by less than one hundredth are one`,
    columns: columns(['Step', ...titles], titles),
    groups: tracks.map(({ title, unit, highest, blocks }, track) => {
      const spans = panels.map(({ steps }) =>
        joined(steps[track], blocks ? -1 : highest).map(({ from, to, low, high }) =>
          figureCell(formatRange(low, high), `${formatNumber(from)} to ${formatQuantity(to, 's')}`),
        ),
      );
      return {
        title: unit === '' ? title : `${title}, ${unit}`,
        rows: Array.from({ length: Math.max(...spans.map(({ length }) => length)) }, (_, at) => ({
          title: String(at + 1),
          note: '',
          cells: panels.map(({ absent }, index) => {
            const cell = spans[index][at];
            return cell ?? (absent === '' ? textCell('ended') : absentCell(absent));
          }),
        })),
      };
    }),
  };
}

/** What one run of each alternative did when; null when none states series that have times. */
export function timeLineChart(anchor: string, workload: string, all: readonly AlternativeRuns[]): TimeLineChart | null {
  const example = all.map(firstRun).find((run) => run !== undefined);
  if (example === undefined) return null;
  const placed = placedSeries(example, false);
  const panels = all.map((each) =>
    panelOf(
      each,
      placed.map(({ name }) => name),
    ),
  );
  const tracks = placed.map(({ series: { title, unit, timeLine } }, at) => {
    const values = panels.flatMap(({ steps }) => steps[at].map(({ value }) => value));
    return { title, unit, highest: Math.max(0, ...values), blocks: timeLine === 'blocks' };
  });
  const pauses = placedSeries(example, true).map(({ series }) => `“${series.title}”`);
  const reading = placed.map(({ series }) =>
    series.timeLine === 'blocks'
      ? `a block of “${series.title}” is a ${series.index}`
      : `“${series.title}” has a value for each ${series.index}`,
  );
  const ends = panels.flatMap(({ steps, pauses }) => [...steps.flat(), ...pauses].map(({ to }) => to));
  const id = `${anchor}-time-line`;
  return {
    kind: 'time line',
    id,
    title: 'Time line of one run',
    context: workload,
    description:
      'The run with the platform’s own costs, under each alternative. Time goes from left to right, from the start of what is measured; ' +
      `${listOf(reading)}.` +
      (pauses.length === 0 ? '' : ` The outlined band across the tracks is ${listOf(pauses)}.`),
    summary: `${panels.map((panel) => `${panel.title}: ${panel.absent || panel.note}`).join('; ')}.`,
    end: Math.max(...ends),
    tracks,
    panels,
    table: figures(id, workload, tracks, panels),
  };
}
