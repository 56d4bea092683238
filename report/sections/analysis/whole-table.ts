import type { CriterionWeight, NotDefined } from '../../../contracts/decision-analysis.js';
import type { Decision } from '../../../contracts/decision.js';
import type { Passage } from '../../../contracts/document.js';
import type { TableCell } from '../../../contracts/report-table.js';
import type { Study } from '../../../contracts/study.js';
import { whyNotDefined } from '../../../decision/index.js';
import { countOf, formatPoints, listOf, nameInSentence } from '../../format.js';
import type { Names } from '../../names.js';
import { absentCell, columns, figureCell, groupRows } from '../../table.js';
import { passageOf } from './words.js';

/** Who is at least as good in everything, and who stands on the Pareto front. */
export function dominancePassage({ dominance }: Decision, names: Names): Passage {
  const short = (id: string): string => nameInSentence(names.short(id));
  const dominated = dominance.filter(({ by }) => by.length > 0);
  const front = dominance.filter(({ by }) => by.length === 0).map(({ alternative }) => short(alternative));
  const first =
    dominated.length === 0
      ? `No alternative is at least as good as another in every criterion and better in one, at the likely figures: all ${countOf(front.length, 'alternative')} stand on the Pareto front, and weights have to decide.`
      : `On the Pareto front ${front.length === 1 ? 'stands' : 'stand'} ${listOf(front)}, at the likely figures. Whatever the weights, ${dominated.length === 1 ? 'the other is' : 'the others are'} no better than one of ${front.length === 1 ? 'it' : 'these'}.`;
  return passageOf({
    id: 'dominance',
    title: 'Who is worse whatever the weights',
    sentences: [first],
    notes: dominated.map(({ alternative, by, inEverySample }) => {
      const always = by.filter((id) => inEverySample.includes(id));
      const still =
        always.length === by.length
          ? 'in every sample too'
          : always.length === 0
            ? 'but not in every sample'
            : `in every sample by ${listOf(always.map(short))}`;
      return `${short(alternative)} is dominated by ${listOf(by.map(short))}, ${still}.`;
    }),
  });
}

/** Weights that the figures alone would give; none where no alternative may win. */
export function dataWeightsPassage(study: Study, decision: Decision, names: Names): readonly Passage[] {
  const { dataWeights } = decision;
  if (dataWeights === null) return [];
  const stated = decision.profiles.find(({ profile }) => profile === study.defaultProfile)?.weights ?? [];
  const lists: readonly (readonly [string, readonly CriterionWeight[] | NotDefined])[] = [
    ['Stated', stated],
    ['Entropy', dataWeights.entropy],
    ['CRITIC', dataWeights.critic],
  ];
  const cellOf = (list: readonly CriterionWeight[] | NotDefined, id: string): TableCell => {
    const weight = 'notDefined' in list ? undefined : list.find(({ criterion }) => criterion === id)?.weight;
    return weight === undefined ? absentCell('none') : figureCell(formatPoints(Number(weight.toPrecision(3))), '');
  };
  const titles = lists.map(([title]) => title);
  return [
    passageOf({
      id: 'data-weights',
      title: 'What the data alone would say',
      sentences: [
        'Weights that follow from how much the figures differ, asked of nobody and used for nothing here: a criterion in which alternatives differ much is not therefore one that anybody cares for.',
      ],
      notes: lists.flatMap(([title, list]) =>
        'notDefined' in list
          ? [
              `${title} has no weights: ${whyNotDefined(list, { criterion: names.criterion, alternative: names.short })}.`,
            ]
          : [],
      ),
      fold: {
        title: 'Weights by entropy and by CRITIC',
        tables: [
          {
            id: 'weights-from-data',
            caption: 'Points of 100 by the default profile, by entropy and by CRITIC of the likely values',
            columns: columns(['Criterion', ...titles], titles),
            groups: groupRows(
              study.criteria.map(({ id, title, group }) => ({
                group: group.join(': '),
                row: { title, note: '', cells: lists.map(([, list]) => cellOf(list, id)) },
              })),
            ),
          },
        ],
      },
    }),
  ];
}
