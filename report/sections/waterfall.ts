import type { ReportTable } from '../../contracts/report-table.js';
import type { WaterfallChart } from '../../contracts/report-charts.js';
import type { RunResult } from '../../contracts/run.js';
import { differences, timeByMechanism, totalOf, type Difference } from '../../decision/index.js';
import { countOf, formatSigned, formatTime, listOf, nameInSentence, timeUnit } from '../format.js';
import { absentCell, columns, figureCell, plainTable } from '../table.js';
import type { AlternativeRuns } from './metrics.js';

const DOMAIN = 'control';
/** Steps drawn one by one; the rest are one step, and the table has them all. */
const DRAWN_STEPS = 9;
/** Where all levels are within this share of the highest, the axis does not start at zero. */
const SMALL_CHANGE = 0.3;

/** With its sign; what is too small for the digits of `scale` is said to be so. */
function formatDifference(difference: number, scale: number): string {
  const text = formatTime(difference, scale);
  if (difference === 0 || /[1-9]/.test(text)) return formatSigned(text, difference);
  return `less than ${text.replace(/^\u2212/, '').replace(/0(?=[^0.]*$)/, '1')}`;
}

/** Whether two runs did the same work: neither failed, and both state the same metrics. */
function comparable(a: RunResult, b: RunResult): boolean {
  const stated = (run: RunResult): string => Object.keys(run.metrics).toSorted().join('\n');
  return a.failure === null && b.failure === null && stated(a) === stated(b);
}

function stepsOf(baselineLabel: string, label: string, parts: readonly Difference[], start: number, scale: number) {
  const visible = parts.filter((part) => formatTime(Math.abs(part.difference), scale) !== formatTime(0, scale));
  const drawn = visible.length > DRAWN_STEPS ? visible.slice(0, DRAWN_STEPS - 1) : visible;
  const rest = parts.filter((part) => part.difference !== 0 && !drawn.includes(part));
  const restOf = (sum: number, part: Difference): number => sum + part.difference;
  const shown = [
    ...drawn.map((part) => ({ label: part.part, difference: part.difference })),
    ...(rest.length ? [{ label: countOf(rest.length, 'other'), difference: rest.reduce(restOf, 0) }] : []),
  ];
  let level = start;
  const steps = shown.map(({ label: title, difference }) => {
    const from = level;
    level += difference;
    const text = formatDifference(difference, scale);
    return { label: title, kind: difference < 0 ? ('less' as const) : ('more' as const), from, to: level, text };
  });
  const end = (title: string, to: number) => ({
    label: title,
    kind: 'total' as const,
    from: 0,
    to,
    text: formatTime(to, scale),
  });
  return [end(baselineLabel, start), ...steps, end(label, level)];
}

function figures(
  id: string,
  workload: string,
  baseline: string,
  alternative: string,
  parts: readonly Difference[],
  scale: number,
): ReportTable {
  const time = (value: number) => figureCell(formatTime(value, scale), '');
  const heads = ['Mechanism', baseline, alternative, 'Difference'];
  const sum = (pick: (part: Difference) => number): number => parts.reduce((all, part) => all + pick(part), 0);
  const row = (title: string, before: number, after: number) => ({
    title,
    note: '',
    cells: [
      time(before),
      time(after),
      after === before ? absentCell('none') : figureCell(formatDifference(after - before, scale), ''),
    ],
  });
  return plainTable(
    `${id}-figures`,
    `Control-domain CPU time of “${workload}” by mechanism: ${baseline} and ${alternative}`,
    columns(heads, heads.slice(1)),
    [
      ...parts.map((part) => row(part.part, part.baseline, part.alternative)),
      row(
        'All mechanisms',
        sum((part) => part.baseline),
        sum((part) => part.alternative),
      ),
    ],
  );
}

/**
 * Control-domain CPU time of each alternative against the baseline at draw 0 (the platform's own costs), by mechanism.
 * Where the runs did not do the same work there is a note in place of a chart.
 */
export function waterfalls(
  anchor: string,
  workload: string,
  baselineId: string,
  all: readonly AlternativeRuns[],
): { readonly charts: readonly WaterfallChart[]; readonly notes: readonly string[] } {
  const drawZero = ({ runs }: AlternativeRuns): RunResult | undefined => runs.find((run) => run.draw === 0);
  const baseline = all.find(({ alternative }) => alternative.id === baselineId);
  const baselineRun = baseline && drawZero(baseline);
  if (!baseline || !baselineRun || timeByMechanism(baselineRun.ledger, DOMAIN).size === 0)
    return { charts: [], notes: [] };
  const before = timeByMechanism(baselineRun.ledger, DOMAIN);
  const others = all.filter(({ alternative }) => alternative.id !== baselineId);
  const compared = others.flatMap((each) => {
    const run = drawZero(each);
    return run && comparable(baselineRun, run)
      ? [{ alternative: each.alternative, after: timeByMechanism(run.ledger, DOMAIN) }]
      : [];
  });
  const scale = Math.max(totalOf(before), ...compared.map(({ after }) => totalOf(after)));
  const unit = timeUnit(scale);
  const drawn = compared.map(({ alternative, after }, at) => {
    const parts = differences(before, after);
    const id = `${anchor}-cpu-${others.findIndex((each) => each.alternative.id === alternative.id) + 1}`;
    const steps = stepsOf(baseline.alternative.short, alternative.short, parts, totalOf(before), scale).map((step) => ({
      ...step,
      from: step.from / unit.nanoseconds,
      to: step.to / unit.nanoseconds,
    }));
    const difference = totalOf(after) - totalOf(before);
    return {
      at,
      steps,
      id,
      parts,
      alternative,
      words:
        difference === 0
          ? 'There is no difference.'
          : `${alternative.short} takes ${formatTime(Math.abs(difference), scale)} ${difference > 0 ? 'more' : 'less'} than ${baseline.alternative.short}.`,
    };
  });
  const levels = drawn.flatMap(({ steps }) => steps.map((step) => step.to));
  const [lowest, end] = [Math.min(...levels), Math.max(...levels, 0)];
  const start = end - lowest < end * SMALL_CHANGE ? Math.max(0, lowest - (end - lowest) * 0.15) : 0;
  return {
    charts: drawn.map(({ id, steps, parts, alternative, words }) => ({
      kind: 'waterfall',
      id,
      title: `Control-domain CPU: ${alternative.short} against ${baseline.alternative.short}`,
      context: workload,
      description: `CPU time of the control domain by mechanism at the platform's own costs, from ${baseline.alternative.short} to ${alternative.short}. ${words}`,
      summary: steps.map((step) => `${step.label} ${step.text}`).join(', ') + '.',
      measure: 'CPU time',
      better: 'lower',
      unit: unit.name,
      start: end > lowest ? start : 0,
      end,
      steps,
      table: figures(id, workload, baseline.alternative.short, alternative.short, parts, scale),
    })),
    notes: notCompared(
      baseline.alternative.short,
      others
        .filter(({ alternative }) => !compared.some((each) => each.alternative.id === alternative.id))
        .map(({ alternative }) => alternative.short),
    ),
  };
}

function notCompared(baseline: string, others: readonly string[]): readonly string[] {
  if (others.length === 0) return [];
  const names = listOf(others.map(nameInSentence));
  return [
    `Control-domain CPU time of ${names} is not compared with ${nameInSentence(baseline)}: the runs did not do the same work.`,
  ];
}
