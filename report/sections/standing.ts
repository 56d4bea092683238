import type { Decision } from '../../contracts/decision.js';
import type { IntervalChart, RankChart } from '../../contracts/report-charts.js';
import type { ReportDocument } from '../../contracts/document.js';
import type { Study } from '../../contracts/study.js';
import { formatNumber, formatRange, formatShare } from '../format.js';
import type { Names } from '../names.js';
import { absentCell, columns, figureCell } from '../table.js';
import { scoreWaterfall } from './score-waterfall.js';

function ordinal(n: number): string {
  const tens = n % 100;
  const suffix = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${suffix}`;
}

const FAILS_A_GATE = 'fails a gate';

function rankChart(study: Study, decision: Decision, names: Names): RankChart {
  const ranks = study.alternatives.map((_, index) => ordinal(index + 1));
  const panels = decision.profiles.map((outcome) => ({
    title: names.profile(outcome.profile),
    rows: study.alternatives.map(({ id, short }) => {
      const shares = outcome.alternatives.find((each) => each.alternative === id)?.ranks ?? null;
      return {
        label: short,
        shares:
          shares === null
            ? []
            : ranks.map((rank, at) => ({ rank, share: shares[at] ?? 0, text: formatShare(shares[at] ?? 0) })),
        absent: shares === null ? FAILS_A_GATE : '',
      };
    }),
  }));
  return {
    kind: 'ranks',
    id: 'rank-acceptability',
    title: 'How often each alternative comes at each rank',
    context: '',
    description: 'For each profile, the share of samples in which each alternative is first, second and so on.',
    summary: `${panels.map((panel) => `${panel.title}: ${panel.rows.map((row) => `${row.label} ${row.shares[0]?.text ?? row.absent}`).join(', ')}`).join('; ')}, at the first rank.`,
    panels,
    table: {
      id: 'rank-acceptability-figures',
      caption: 'Share of samples at each rank, by profile',
      columns: columns(['Alternative', ...ranks], ranks),
      groups: panels.map((panel) => ({
        title: panel.title,
        rows: panel.rows.map((row) => ({
          title: row.label,
          note: '',
          cells: ranks.map((rank) => {
            const share = row.shares.find((each) => each.rank === rank);
            return share ? figureCell(share.text, '') : absentCell(row.absent);
          }),
        })),
      })),
    },
  };
}

function scoreChart(study: Study, decision: Decision, names: Names): IntervalChart {
  const panels = decision.profiles.map((outcome) => ({
    title: names.profile(outcome.profile),
    rows: study.alternatives.map(({ id, short }) => {
      const found = outcome.alternatives.find((each) => each.alternative === id);
      if (!found) return { label: short, interval: null, text: 'not analysed', range: '' };
      const { p5, p50, p95 } = found.score;
      return {
        label: short,
        interval: { low: p5 * 100, mid: p50 * 100, high: p95 * 100 },
        text: found.eligible ? formatNumber(p50 * 100) : `${formatNumber(p50 * 100)}, ${FAILS_A_GATE}`,
        range: formatRange(p5 * 100, p95 * 100),
      };
    }),
  }));
  return {
    kind: 'intervals',
    id: 'scores',
    title: 'Scores by profile',
    context: '',
    description:
      'Additive value of each alternative from 0 to 100: median, and the interval that holds nine samples in ten.',
    summary: `${panels.map((panel) => `${panel.title}: ${panel.rows.map((row) => `${row.label} ${row.text}`).join(', ')}`).join('; ')}.`,
    unit: 'score',
    panels: panels.map(({ title, rows }) => ({
      title,
      rows: rows.map(({ label, interval, text }) => ({ label, interval, text })),
    })),
    table: {
      id: 'scores-figures',
      caption: 'Additive value, 0 to 100, by profile',
      columns: columns(['Alternative', 'Median', 'Nine in ten'], ['Median', 'Nine in ten']),
      groups: panels.map((panel) => ({
        title: panel.title,
        rows: panel.rows.map((row) => ({
          title: row.label,
          note: '',
          cells: row.interval
            ? [figureCell(row.text, ''), figureCell(row.range, '')]
            : [absentCell(row.text), absentCell('none')],
        })),
      })),
    },
  };
}

/** How the alternatives stand to each other: scores and ranks. */
export function standingSection(study: Study, decision: Decision, names: Names): ReportDocument['standing'] {
  const waterfall = scoreWaterfall(study, decision, names);
  return {
    introduction:
      'The same samples, by profile. Intervals that overlap do not mean that the order is uncertain, since the alternatives meet the same costs ' +
      'and weights in each sample; the ranks count who is ahead of whom sample by sample.',
    charts: [
      rankChart(study, decision, names),
      scoreChart(study, decision, names),
      ...(waterfall === null ? [] : [waterfall]),
    ],
  };
}
