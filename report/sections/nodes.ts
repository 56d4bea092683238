import type { PairsChart, ReportChart } from '../../contracts/report-charts.js';
import { formatQuantity, formatRange } from '../format.js';
import type { Names, ReportInput } from '../names.js';
import { type RunIndex, whyAbsent } from '../run-index.js';
import { absentCell, columns, figureCell } from '../table.js';
import { metricRows, spreadOfMetric } from './metrics.js';

/** What a job on nodes states, wherever its memory was placed. */
const MEASURES = ['localShare', 'accessTime'];

type Row = PairsChart['groups'][number]['rows'][number];

/** How near memory is and how long an access takes, by workload and alternative; none where no run states both. */
export function nodesCharts(
  { study, manifest }: Pick<ReportInput, 'study' | 'manifest'>,
  runs: RunIndex,
  names: Names,
): readonly ReportChart[] {
  const placements = manifest.workloads.flatMap(({ id }) => {
    const all = study.alternatives.map((alternative) => ({ alternative, runs: runs(alternative.id, id) }));
    const stated = metricRows(all);
    const metrics = MEASURES.flatMap((name) => stated.find((each) => each.name === name)?.metric ?? []);
    return metrics.length < MEASURES.length ? [] : [{ title: names.workload(id), all, metrics }];
  });
  if (placements.length === 0) return [];
  const [{ metrics }] = placements;
  const groups = placements.map(({ title, all }) => ({
    title,
    rows: all.map(({ alternative, runs: own }): Row => {
      const spreads = MEASURES.flatMap((name) => spreadOfMetric(own, name) ?? []);
      const { text, note } = whyAbsent(own);
      if (spreads.length < MEASURES.length)
        return { label: alternative.short, figures: null, absent: note ? `${text}, ${note}` : text };
      return {
        label: alternative.short,
        figures: spreads.map(({ p5, p50, p95 }, at) => ({
          low: p5,
          mid: p50,
          high: p95,
          text: formatQuantity(p50, metrics[at].unit),
        })),
        absent: '',
      };
    }),
  }));
  const highest = (at: number): number =>
    Math.max(Number.MIN_VALUE, ...groups.flatMap(({ rows }) => rows.map(({ figures }) => figures?.[at].high ?? 0)));
  const titles = metrics.map(({ title }) => title);
  return [
    {
      kind: 'pairs',
      id: 'memory-of-nodes',
      title: 'How near memory is, and how long an access takes',
      context: '',
      description:
        `By placement, each under every alternative. ${metrics.map(({ title, better }) => `${title}: ${better} is better`).join('; ')}. ` +
        'Median of the draws, and the interval that holds nine in ten.',
      summary: `${groups.map(({ title, rows }) => `${title}: ${rows.map(inWords).join('; ')}`).join('. ')}.`,
      measures: metrics.map(({ title, unit }, at) => ({ title, unit, end: unit === '%' ? 100 : highest(at) })),
      groups,
      table: {
        id: 'memory-of-nodes-figures',
        caption: 'Near memory and time of an access by placement, in figures',
        columns: columns(['Alternative', ...titles], titles),
        groups: groups.map(({ title, rows }) => ({
          title,
          rows: rows.map(({ label, figures, absent }) => ({
            title: label,
            note: '',
            cells: MEASURES.map((_, at) => {
              const figure = figures?.[at];
              return figure === undefined ? absentCell(absent) : figureCell(figure.text, rangeOf(figure));
            }),
          })),
        })),
      },
    },
  ];
}

function rangeOf({ low, high }: { readonly low: number; readonly high: number }): string {
  const range = formatRange(low, high);
  return range === formatRange(low, low) ? '' : range;
}

function inWords({ label, figures, absent }: Row): string {
  return `${label} ${figures === null ? absent : figures.map(({ text }) => text).join(', ')}`;
}
