import type { MethodOutcome, RankReversalOutcome } from '../../../contracts/decision-analysis.js';
import type { Passage } from '../../../contracts/document.js';
import type { TableCell, TableGroup } from '../../../contracts/report-table.js';
import type { Study } from '../../../contracts/study.js';
import { whyNotDefined } from '../../../decision/index.js';
import { countOf, formatNumber, listOf, nameInSentence } from '../../format.js';
import type { Names } from '../../names.js';
import { absentCell, columns, figureCell, plainTable, textCell } from '../../table.js';
import { type Analysed, passageOf } from './words.js';

function firstCell({ result }: MethodOutcome, names: Names): TableCell {
  if ('notDefined' in result)
    return absentCell('no result', whyNotDefined(result, { criterion: names.criterion, alternative: names.short }));
  const { first, compromise } = result;
  const text = listOf(first.map(names.short));
  if (compromise === undefined) return textCell(text);
  const holds = [compromise.advantage ? 'advantage' : 'no advantage', compromise.stability ? 'stable' : 'not stable'];
  return textCell(text, `${holds.join(', ')}; proposes ${listOf(compromise.set.map(names.short))}`);
}

function rowOf(outcome: MethodOutcome, ids: readonly string[], names: Names): TableGroup['rows'][number] {
  const { normalisation, result } = outcome;
  const ranks = 'notDefined' in result ? [] : result.ranks;
  const agreement = 'notDefined' in result ? null : result.agreement;
  return {
    title: normalisation,
    note: '',
    cells: [
      firstCell(outcome, names),
      ...ids.map((id) => {
        const rank = ranks.find(({ alternative }) => alternative === id)?.rank;
        return rank === undefined ? absentCell('none') : figureCell(String(rank), '');
      }),
      agreement === null ? absentCell('none') : figureCell(formatNumber(agreement), ''),
    ],
  };
}

/** What other methods say of the same figures and weights. */
export function methodsPassage({ analysis, outcome, anchor }: Analysed, study: Study, names: Names): Passage {
  const { methods, defined, agreeing, concordance } = analysis.concordance;
  const ids = study.alternatives
    .map(({ id }) => id)
    .filter((id) => outcome.alternatives.some(({ alternative, eligible }) => alternative === id && eligible));
  const shorts = ids.map(names.short);
  const groups = [...new Set(methods.map(({ method }) => method))].map((method) => ({
    title: method,
    rows: methods.filter((each) => each.method === method).map((each) => rowOf(each, ids, names)),
  }));
  const without = methods.length - defined;
  const [primary] = methods;
  const said = new Map<string, string[]>();
  for (const { method, result } of methods) {
    if ('notDefined' in result) continue;
    const first = listOf(result.first.map((id) => nameInSentence(names.short(id))));
    said.set(first, [...(said.get(first) ?? []), method]);
  }
  const count = (all: readonly string[]): string =>
    [...new Set(all)]
      .map((method) => {
        const times = all.filter((each) => each === method).length;
        return times === 1 ? method : `${method} (${times})`;
      })
      .join(', ');
  const agreement =
    concordance === null
      ? ''
      : ` Their rankings agree to ${formatNumber(concordance)} (Kendall’s W: 0 not at all, 1 entirely).`;
  return passageOf({
    id: `${anchor}-methods`,
    title: 'What other methods would say',
    sentences: [
      `${agreeing} of ${countOf(defined, 'variant')} of methods that have a result put first whom the ${primary?.method ?? 'additive value'} does, on the same likely figures and weights.${agreement} Several variants of one method are not independent witnesses.`,
    ],
    notes: [
      ...[...said].map(([first, all]) => `${first}: ${count(all)}.`),
      ...(without === 0
        ? []
        : [`${countOf(without, 'variant')} ${without === 1 ? 'has' : 'have'} no result; the table says why.`]),
    ],
    fold: {
      title: 'Ranks by every method and normalisation',
      tables: [
        {
          id: `${anchor}-ranks-by-method`,
          caption: 'Rank of each alternative, and agreement with the additive value (Kendall’s τ, −1 to 1)',
          columns: columns(['Normalisation', 'First', ...shorts, 'τ'], [...shorts, 'τ']),
          groups,
        },
      ],
    },
  });
}

function reversalRow(outcome: RankReversalOutcome, names: Names): TableGroup['rows'][number] {
  const { dropped, worsened, pairs, circle, method, normalisation } = outcome;
  const cell = (list: readonly string[]): TableCell =>
    list.length === 0 ? absentCell('none') : textCell(list.join('; '));
  const first = ({ loser, first: now }: { readonly loser: string; readonly first: string }): string =>
    `${names.short(now)}, by ${names.short(loser)}`;
  return {
    title: method,
    note: normalisation,
    cells: [
      cell(dropped.map(first)),
      cell(worsened.map(first)),
      cell(pairs.map(({ preferred, over }) => `${names.short(preferred)} over ${names.short(over)}`)),
      textCell(circle ? 'yes' : 'no'),
    ],
  };
}

/** Whether methods contradict themselves on these figures. */
export function reversalPassage({ analysis, anchor }: Analysed, names: Names): Passage {
  const { rankReversal } = analysis;
  const irregular = rankReversal.filter(
    ({ dropped, worsened, pairs, circle }) => dropped.length + worsened.length + pairs.length > 0 || circle,
  );
  const another = irregular.filter(({ dropped, worsened }) => dropped.length + worsened.length > 0);
  const trials =
    'when a loser is dropped, when it is made worse by a tenth of the range, or when a pair is asked about alone';
  const first =
    irregular.length === 0
      ? `No method contradicts itself on these figures ${trials}.`
      : `${countOf(irregular.length, 'variant')} of ${rankReversal.length} ${irregular.length === 1 ? 'ranks' : 'rank'} otherwise ${trials}; ${another.length === 0 ? 'none' : another.length} of them then ${another.length === 1 ? 'puts' : 'put'} another alternative first.`;
  return passageOf({
    id: `${anchor}-reversal`,
    title: 'Whether a loser can change who is first',
    sentences: [
      `${first} The additive value, from which the verdict comes, never does: a score does not depend on the other alternatives.`,
    ],
    fold:
      irregular.length === 0
        ? null
        : {
            title: 'Irregularities by method',
            tables: [
              plainTable(
                `${anchor}-irregularities`,
                'Who becomes first by which loser, and pairs that are ranked otherwise alone',
                columns(['Method', 'Loser dropped', 'Loser worse', 'Pairs alone', 'Circle']),
                irregular.map((each) => reversalRow(each, names)),
              ),
            ],
          },
  });
}
