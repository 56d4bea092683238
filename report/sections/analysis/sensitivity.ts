import type {
  BreakEvenOutcome,
  TornadoBarOutcome,
  TornadoOutcome,
  WeightCrossingOutcome,
} from '../../../contracts/decision-analysis.js';
import type { Decision } from '../../../contracts/decision.js';
import type { AnalysisSection, Passage } from '../../../contracts/document.js';
import type { ReportTable, TableCell } from '../../../contracts/report-table.js';
import type { TornadoChart } from '../../../contracts/report-charts.js';
import type { Study } from '../../../contracts/study.js';
import { countOf, formatPoints, listOf, nameInSentence } from '../../format.js';
import type { Names } from '../../names.js';
import { absentCell, columns, figureCell, groupRows, plainTable, textCell } from '../../table.js';
import { type Analysed, analysisSection, inputName, inputRange, passageOf, scorePoints } from './words.js';

/** Bars that are drawn, and rows of the table; the others move the lead less. */
const MOST_BARS = 10;
const MOST_ROWS = 20;
/** A break-even weight beyond this is read under a fold: nobody weighs one criterion above all others together. */
const FAR = 0.5;
/** Changes of a weight below this are rounding. */
const NO_CHANGE = 1e-9;

function barText({ leadAtLow, leadAtHigh }: TornadoBarOutcome): string {
  return `${scorePoints(leadAtLow)} to ${scorePoints(leadAtHigh)}`;
}

function tornadoTable({ bars }: TornadoOutcome, decision: Decision, names: Names, id: string) {
  const inputs = new Map(decision.inputs.map((input) => [input.id, input]));
  return plainTable(
    id,
    'The lead in points of the score with one input at either end of its range',
    columns(['Input', 'Range', 'Lead at low', 'Lead at high', 'First there'], ['Lead at low', 'Lead at high']),
    bars.slice(0, MOST_ROWS).map((bar) => {
      const input = inputs.get(bar.input)!;
      const firsts = [...new Set([bar.firstAtLow, bar.firstAtHigh])].map(names.short);
      return {
        title: inputName(input, names),
        note: '',
        cells: [
          textCell(inputRange(input)),
          figureCell(scorePoints(bar.leadAtLow), ''),
          figureCell(scorePoints(bar.leadAtHigh), ''),
          textCell(firsts.length === 1 ? (firsts[0] ?? '') : firsts.join(', then ')),
        ],
      };
    }),
  );
}

function tornadoChart(tornado: TornadoOutcome, decision: Decision, names: Names): TornadoChart {
  const inputs = new Map(decision.inputs.map((input) => [input.id, input]));
  const first = names.short(tornado.first);
  const bars = tornado.bars.slice(0, MOST_BARS).map((bar) => ({
    label: inputName(inputs.get(bar.input)!, names),
    low: 100 * bar.leadAtLow,
    high: 100 * bar.leadAtHigh,
    text: barText(bar),
  }));
  return {
    kind: 'tornado',
    id: 'tornado',
    title: `What moves the lead of ${first} most`,
    context: '',
    description:
      `How many points ${first} is ahead of the best other alternative with one input at the low and at the high end of its range, everything ` +
      'else at its likely value. The solid line is the lead with all at their likely values; left of the dashed line another alternative is ahead. ' +
      'At each bar: the lead at the low end of the input, then at the high end.',
    summary: `${bars.map(({ label, text }) => `${label}: ${text}`).join('; ')}.`,
    unit: 'points of the score',
    nominal: 100 * tornado.lead,
    bars,
    table: tornadoTable(tornado, decision, names, 'tornado-figures'),
  };
}

function tornadoPassage(analysed: Analysed, decision: Decision, names: Names, isDefault: boolean): Passage {
  const { outcome, analysis, anchor } = analysed;
  const { tornado } = analysis;
  const base = { id: `${anchor}-inputs`, title: 'One input at a time' };
  if (tornado === null || tornado.bars.length === 0)
    return passageOf({ ...base, sentences: ['No input is uncertain, so none can change the answer.'] });
  const first = nameInSentence(names.short(tornado.first));
  const changing = tornado.bars.filter(
    ({ firstAtLow, firstAtHigh }) => firstAtLow !== tornado.first || firstAtHigh !== tornado.first,
  );
  const nominal = `With every input at its likely value ${first} is ahead by ${scorePoints(tornado.lead)} points of the score.`;
  const other =
    tornado.first === outcome.winner
      ? []
      : [
          `That is not the alternative that is first most often over the samples, ${nameInSentence(names.short(outcome.winner ?? ''))}: ranges that lean to one side make the difference.`,
        ];
  const inputs = countOf(tornado.bars.length, 'uncertain input');
  const told =
    changing.length === 0
      ? `None of ${inputs} puts another alternative ahead at either end of its range, alone.`
      : `${changing.length} of ${inputs} ${changing.length === 1 ? 'puts' : 'put'} another alternative ahead at an end of ${changing.length === 1 ? 'its' : 'their'} range, alone.`;
  return passageOf({
    ...base,
    sentences: [[nominal, ...other, told].join(' ')],
    charts: isDefault ? [tornadoChart(tornado, decision, names)] : [],
    tables: isDefault ? [] : [tornadoTable(tornado, decision, names, `${anchor}-tornado`)],
  });
}

function crossingCell(crossing: WeightCrossingOutcome | null, names: Names): TableCell {
  return crossing === null
    ? absentCell('no change')
    : figureCell(formatPoints(crossing.weight), names.short(crossing.alternative));
}

function isNear({ below, above }: BreakEvenOutcome): boolean {
  return below !== null || (above !== null && above.weight <= FAR);
}

function crossingsTable(
  id: string,
  caption: string,
  listed: readonly BreakEvenOutcome[],
  study: Study,
  names: Names,
): ReportTable {
  return {
    id,
    caption,
    columns: columns(['Criterion', 'Now', 'Below', 'Above'], ['Now', 'Below', 'Above']),
    groups: groupRows(
      study.criteria.flatMap((criterion) => {
        const each = listed.find((one) => one.criterion === criterion.id);
        if (each === undefined) return [];
        const cells = [
          figureCell(formatPoints(each.weight), ''),
          crossingCell(each.below, names),
          crossingCell(each.above, names),
        ];
        return [{ group: criterion.group.join(': '), row: { title: criterion.title, note: '', cells } }];
      }),
    ),
  };
}

function weightsPassage({ analysis, anchor }: Analysed, study: Study, names: Names): Passage {
  const { breakEvens, nearestFlip } = analysis;
  const byId = new Map(breakEvens.map((each) => [each.criterion, each]));
  const moving = breakEvens.filter(({ below, above }) => below !== null || above !== null);
  const near = moving.filter(isNear);
  const far = moving.filter((each) => !isNear(each));
  const flipped = nearestFlip?.weights.flatMap(({ criterion, weight }) => {
    const before = byId.get(criterion)?.weight ?? 0;
    return Math.abs(weight - before) > NO_CHANGE
      ? [`${nameInSentence(names.criterion(criterion))} from ${formatPoints(before)} to ${formatPoints(weight)}`]
      : [];
  });
  const single =
    moving.length === 0
      ? 'No single weight, however large or small, makes another alternative as good while the others keep their proportions.'
      : `At these points of 100 another alternative becomes as good, when one weight moves and the others keep their proportions. ${moving.length} of ${countOf(breakEvens.length, 'criterion', 'criteria')} have such a point.`;
  const together =
    nearestFlip === null
      ? 'No weights at all make another alternative as good.'
      : `The smallest change of all weights together moves ${formatPoints(nearestFlip.change / 2)} points and makes ${nameInSentence(names.short(nearestFlip.alternative))} as good: ${listOf(flipped ?? [])}.`;
  return passageOf({
    id: `${anchor}-break-even`,
    title: 'Weights at which the answer changes',
    sentences: [single, ...(nearestFlip !== null && (flipped ?? []).length === 0 ? [] : [together])],
    tables:
      near.length === 0
        ? []
        : [
            crossingsTable(
              `${anchor}-break-even-weights`,
              'Break-even weights in points of 100, at the likely figures',
              near,
              study,
              names,
            ),
          ],
    fold:
      far.length === 0
        ? null
        : {
            title: `${countOf(far.length, 'criterion', 'criteria')} with a break-even weight beyond ${formatPoints(FAR)} points`,
            tables: [
              crossingsTable(
                `${anchor}-far-weights`,
                'Break-even weights at which one criterion counts more than all others together',
                far,
                study,
                names,
              ),
            ],
          },
  });
}

/** What single inputs and weights would have to be for another answer. */
export function sensitivitySection(study: Study, decision: Decision, names: Names): AnalysisSection {
  return analysisSection(
    study,
    decision,
    names,
    'At the likely figures, with the weights of the default profile first. What changes the answer here need not change the odds by much, and inputs that act together are not seen.',
    (analysed) => [
      tornadoPassage(analysed, decision, names, analysed.outcome.profile === study.defaultProfile),
      weightsPassage(analysed, study, names),
    ],
  );
}
