import type { Decision } from '../../../contracts/decision.js';
import type { LeadChart } from '../../../contracts/report-charts.js';
import type { Passage } from '../../../contracts/document.js';
import type { Study } from '../../../contracts/study.js';
import { formatInteger, formatNumber, formatPoints, formatShare, listOf, nameInSentence } from '../../format.js';
import type { Names } from '../../names.js';
import { absentCell, columns, figureCell, plainTable } from '../../table.js';
import { type Analysed, passageOf } from './words.js';

/** Who would choose what: central weights and confidence factors. */
export function centralPassage({ analysis, anchor }: Analysed, study: Study, names: Names): Passage {
  const central = study.alternatives.flatMap(
    ({ id }) => analysis.acceptability.central.find(({ alternative }) => alternative === id) ?? [],
  );
  const shorts = central.map(({ alternative }) => names.short(alternative));
  const rows = study.criteria.map(({ id, title }) => ({
    title,
    note: '',
    cells: central.map(({ weights }) => {
      const weight = weights?.find(({ criterion }) => criterion === id)?.weight;
      return weight === undefined ? absentCell('none') : figureCell(formatPoints(Number(weight.toPrecision(3))), '');
    }),
  }));
  const confidence = {
    title: 'Confidence factor',
    note: 'how often it is first with these weights',
    cells: central.map((each) =>
      each.confidence === null ? absentCell('never first') : figureCell(formatShare(each.confidence), ''),
    ),
  };
  const never = central.filter(({ weights }) => weights === null).map(({ alternative }) => names.short(alternative));
  return passageOf({
    id: `${anchor}-central`,
    title: 'What those who would choose each alternative want',
    sentences: [
      'Central weights are the mean weights of the samples in which an alternative is first. Its confidence factor is how often it is first when the weights are exactly these: a low one means that even those who want it may not get it.',
      ...never.map((short) => `${nameInSentence(short)} is never first, so it has none.`),
    ],
    fold: {
      title: 'Central weights and confidence factors',
      tables: [
        plainTable(
          `${anchor}-central-weights`,
          'Central weights in points of 100, by the alternative that is first',
          columns(['Criterion', ...shorts], shorts),
          [confidence, ...rows],
        ),
      ],
    },
  });
}

/** Who beats whom. */
export function pairwisePassage({ analysis, outcome, anchor }: Analysed, names: Names): Passage {
  const { pairwise, rankEntropy, largestEntropy } = analysis.acceptability;
  const ids = outcome.alternatives.filter(({ eligible }) => eligible).map(({ alternative }) => alternative);
  const shorts = ids.map(names.short);
  return passageOf({
    id: `${anchor}-pairs`,
    title: 'Who beats whom',
    sentences: [
      'How often the alternative of a row scores higher than that of a column, in the same samples; a tie counts half.',
      `Whole rankings have an entropy of ${formatNumber(rankEntropy)} of at most ${formatNumber(largestEntropy)} bits: 0 would mean that every sample ranks alike, the most that every ranking comes as often as any other.`,
    ],
    tables: [
      plainTable(
        `${anchor}-pairwise`,
        'Share of samples in which the row is ahead of the column',
        columns(['Alternative', ...shorts], shorts),
        ids.map((row) => ({
          title: names.short(row),
          note: '',
          cells: ids.map((column) => {
            const share = pairwise.find((each) => each.alternative === row && each.over === column)?.share;
            return share === undefined ? absentCell('itself') : figureCell(formatShare(share), '');
          }),
        })),
      ),
    ],
  });
}

function settledChart(decision: Decision, names: Names): LeadChart {
  const panels = decision.profiles.flatMap(({ profile, winner, analysis }) => {
    if (winner === null || analysis === null) return [];
    const { samples, odds } = analysis.acceptability.convergence;
    return [
      {
        title: names.profile(profile),
        note: names.short(winner),
        unit: 'samples',
        scale: 'log' as const,
        low: samples[0] ?? 1,
        high: Math.max(2, samples.at(-1) ?? 2),
        nominal: null,
        points: samples.map((at, index) => ({ at, lead: 100 * (odds[index] ?? 0) })),
        crossings: [],
      },
    ];
  });
  const last = (points: readonly { readonly lead: number }[]): string => formatShare((points.at(-1)?.lead ?? 0) / 100);
  return {
    kind: 'leads',
    levels: [100 * decision.rule.leaning, 100 * decision.rule.clear],
    id: 'convergence',
    title: 'Odds of the winner as samples are added',
    context: '',
    description: `Per cent of the first so many samples in which the winner of each profile is first. The dashed lines are the odds from which a verdict is leaning, ${formatShare(decision.rule.leaning)}, and clear, ${formatShare(decision.rule.clear)}.`,
    summary: `${panels.map(({ title, points }) => `${title}: ${last(points)} in the end`).join('; ')}.`,
    panels,
    table: {
      id: 'convergence-figures',
      caption: 'Odds of the winner after so many samples',
      columns: columns(['Samples', 'Odds'], ['Odds']),
      groups: panels.map(({ title, points }) => ({
        title,
        rows: points.map(({ at, lead }) => ({
          title: formatInteger(at),
          note: '',
          cells: [figureCell(formatShare(lead / 100), '')],
        })),
      })),
    },
  };
}

/** Whether more samples would move the odds. */
export function settledPassage(decision: Decision, names: Names): Passage {
  const within = decision.profiles.flatMap(({ analysis }) =>
    analysis === null ? [] : [analysis.acceptability.convergence.settledWithin],
  );
  return passageOf({
    id: 'settled',
    title: 'Whether the odds have settled',
    sentences: [
      `Since half of the ${formatInteger(decision.samples)} samples no winner’s odds have moved by more than ${formatNumber(Number((100 * Math.max(0, ...within)).toPrecision(2)))} in a hundred. The samples come from a low-discrepancy sequence, so that the first of them cover the ranges as evenly as all do.`,
    ],
    notes: decision.profiles.flatMap(({ profile, exactOdds }) =>
      exactOdds === null
        ? []
        : [
            `${names.profile(profile)}, computed without sampling: ${listOf(exactOdds.map(({ alternative, share }) => `${nameInSentence(names.short(alternative))} is first in ${formatShare(share)}`))}.`,
          ],
    ),
    charts: [settledChart(decision, names)],
  });
}
