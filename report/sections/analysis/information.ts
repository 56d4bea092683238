import type { InputInformation, UncertainInput } from '../../../contracts/decision-analysis.js';
import type { AnalysisSection, Passage } from '../../../contracts/document.js';
import type { ReportTable } from '../../../contracts/report-table.js';
import { narrowing } from '../../../decision/index.js';
import { countOf, formatNumber, formatQuantity, listOf, nameInSentence } from '../../format.js';
import type { Names, ReportInput } from '../../names.js';
import { columns, figureCell, plainTable, textCell } from '../../table.js';
import { type Analysed, analysisSection, inputName, passageOf, scorePoints } from './words.js';

/** Rows that stand open. */
const MOST_SHOWN = 5;

/** What to do about an input, with the command where a run of the engine would narrow something. */
function advice(input: UncertainInput, { study, manifest }: ReportInput, names: Names): string {
  const told = narrowing(input, { criterion: names.criterion, alternative: names.short, profile: names.profile });
  if (input.kind === 'cost') return `${told} Then state it in the file of the platform ${manifest.platform.id}.`;
  if (input.kind !== 'costs') return told;
  const command = `${manifest.command.replace(/ --draws \d+/u, '')} --draws ${4 * study.draws}`;
  return `Measure the costs with the widest ranges. More draws narrow the error of this figure, not the costs: ${command}`;
}

function tableOf(
  id: string,
  caption: string,
  listed: readonly InputInformation[],
  given: ReportInput,
  names: Names,
): ReportTable {
  const inputs = new Map(given.decision.inputs.map((input) => [input.id, input]));
  return plainTable(
    id,
    caption,
    columns(['Input', 'Worth', 'What to run, measure or ask'], ['Worth']),
    listed.map(({ input: name, value, error, estimator }) => {
      const input = inputs.get(name)!;
      return {
        title: inputName(input, names),
        note: '',
        cells: [
          figureCell(scorePoints(value), `± ${scorePoints(error)}`),
          textCell(advice(input, given, names), `Estimator: ${estimator}.`),
        ],
      };
    }),
  );
}

function passagesOf({ analysis, outcome, anchor }: Analysed, given: ReportInput, names: Names): readonly Passage[] {
  const { evpi, error, estimator, inputs } = analysis.information;
  const telling = inputs.filter((each) => each.value > each.error);
  const isDefault = outcome.profile === given.study.defaultProfile;
  const rest = isDefault ? inputs.filter((each) => !telling.includes(each) && each.value > 0) : [];
  const none = inputs.length - telling.length - rest.length;
  const shown = telling.slice(0, MOST_SHOWN);
  const folded = [...telling.slice(MOST_SHOWN), ...rest];
  const everything =
    evpi === 0
      ? 'Knowing everything would be worth nothing: the same alternative is best in every sample.'
      : `Knowing every uncertain input and weight exactly before choosing is worth ${scorePoints(evpi)} of 100 points of the score on average (EVPI; standard error ${formatNumber(100 * error)}, ${estimator}). No measurement is worth more.`;
  const first3 = (analysis.tornado?.bars ?? []).slice(0, 3).map(({ input: name }) =>
    nameInSentence(
      inputName(
        given.decision.inputs.find(({ id }) => id === name)!,
        names,
      ),
    ),
  );
  const single =
    inputs.length === 0
      ? 'There are too few samples, or no uncertain inputs, to tell of single ones.'
      : telling.length === 0
        ? `No single one of ${countOf(inputs.length, 'input')}, known exactly, is worth more than the error of its estimate. Narrow those together that move the lead most: ${listOf(first3)}.`
        : `${countOf(telling.length, 'input')} of ${inputs.length}, known exactly and alone, ${telling.length === 1 ? 'is' : 'are'} worth more than the error of the estimate (EVPPI).`;
  const nothing =
    none === 0 || telling.length === 0
      ? []
      : [`${countOf(none, 'input')} ${none === 1 ? 'is' : 'are'} not told from nothing.`];
  const first = shown[0] && given.decision.inputs.find(({ id }) => id === shown[0]?.input);
  return [
    passageOf({
      id: `${anchor}-information`,
      title: first === undefined ? 'What knowing more is worth' : `First: ${nameInSentence(inputName(first, names))}`,
      sentences: [everything, [single, ...nothing].join(' ')],
      tables:
        shown.length === 0
          ? []
          : [
              tableOf(
                `${anchor}-worth`,
                'Worth of knowing one input exactly, in points of the score, with its standard error',
                shown,
                given,
                names,
              ),
            ],
      fold:
        folded.length === 0
          ? null
          : {
              title: `${countOf(folded.length, 'more input')}, worth less or not told from nothing`,
              tables: [tableOf(`${anchor}-worth-less`, 'The same, of the other inputs', folded, given, names)],
            },
    }),
  ];
}

/** What it is worth to know the parameters of the workloads, where flip points were searched. */
function parametersPassage({ flips }: ReportInput, names: Names): readonly Passage[] {
  const known = (flips?.searches ?? []).flatMap(({ axis, information }) =>
    information === null ? [] : [{ axis, information }],
  );
  if (known.length === 0) return [];
  const worth = known.filter(({ information: { value, error } }) => value > error);
  const rows = known.toSorted((a, b) => b.information.value - a.information.value);
  const table = plainTable(
    'parameters-worth-table',
    'Worth of knowing a workload’s parameter exactly, in points of the score',
    columns(['Parameter', 'Worth', 'What to measure'], ['Worth']),
    rows.map(({ axis, information: { value, error, estimator } }) => ({
      title: axis.title,
      note: names.workload(axis.workload),
      cells: [
        figureCell(scorePoints(value), `± ${scorePoints(error)}`),
        textCell(
          `Measure it where the choice will be used: the search ran from ${formatNumber(axis.low)} to ${formatQuantity(axis.high, axis.unit)}.`,
          `Estimator: ${estimator}.`,
        ),
      ],
    })),
  );
  return [
    passageOf({
      id: 'parameters-worth',
      title: 'Parameters of the workloads',
      sentences: [
        (worth.length === 0
          ? `Knowing one of the ${countOf(known.length, 'parameter')} that flip points were searched for better than the range that was searched is worth nothing: the same alternative is preferred throughout, or as good as it.`
          : `${worth.length} of the ${countOf(known.length, 'parameter')} that flip points were searched for ${worth.length === 1 ? 'is' : 'are'} worth knowing better than the range that was searched.`) +
          ' All else is at its likely value, with the weights of the default profile.',
      ],
      ...(worth.length === 0
        ? { fold: { title: 'Parameters that were searched', tables: [table] } }
        : { tables: [table] }),
    }),
  ];
}

/** What knowing more would be worth, and what to do for it. */
export function informationSection(given: ReportInput, names: Names): AnalysisSection {
  return analysisSection(
    given.study,
    given.decision,
    names,
    'What a choice made after knowing more is expected to gain over a choice made now. Worths do not add up: inputs can be worth nothing alone and much together.',
    (analysed) => passagesOf(analysed, given, names),
    () => parametersPassage(given, names),
  );
}
