import type { Cell, Decision, Spread } from '../../contracts/decision.js';
import type { ReportDocument } from '../../contracts/document.js';
import type { TableCell } from '../../contracts/report-table.js';
import type { Criterion, Study } from '../../contracts/study.js';
import { formatNumber, formatPoints, formatQuantity, formatRange, listOf, nameInSentence } from '../format.js';
import type { Names } from '../names.js';
import { absentCell, barOn, columns, figureCell, groupRows, plainTable } from '../table.js';

const UNIT_SCALE = { from: 0, to: 1 };

function intervalOf(spread: Spread): { readonly low: number; readonly mid: number; readonly high: number } {
  return { low: spread.p5, mid: spread.p50, high: spread.p95 };
}

function noteOf(spread: Spread): string {
  return formatNumber(spread.p5) === formatNumber(spread.p95) ? '' : formatRange(spread.p5, spread.p95);
}

function cellOf(cell: Cell | undefined, unit: string): TableCell {
  if (cell === undefined) return absentCell('not analysed');
  if (cell.status === 'refused') return { ...absentCell('refused', 'counts as the worst'), tone: 'fails' };
  if (cell.status === 'missing') return absentCell('no figure', 'counts as the worst');
  if (cell.status === 'holds') return { text: 'can', note: '', tone: 'holds', bar: null };
  const bar = barOn(UNIT_SCALE, intervalOf(cell.value));
  if (cell.raw === null) return figureCell(formatNumber(cell.value.p50), noteOf(cell.value), bar);
  return figureCell(formatQuantity(cell.raw.p50, unit), noteOf(cell.raw), bar);
}

function unitOf(criterion: Criterion): string {
  return criterion.kind === 'capability' ? '' : criterion.unit;
}

function criteriaTable(study: Study, decision: Decision, names: Names) {
  const outcomes = new Map(decision.criteria.map((each) => [each.criterion, each]));
  const weights = decision.profiles.find((each) => each.profile === study.defaultProfile)?.weights ?? [];
  const weighed = study.criteria.map((criterion) => {
    const cells = outcomes.get(criterion.id)?.cells ?? [];
    const weight = weights.find((each) => each.criterion === criterion.id)?.weight;
    return {
      group: criterion.group.join(': '),
      row: {
        title: criterion.title,
        note: criterion.kind === 'judged' ? 'judged' : '',
        cells: [
          ...study.alternatives.map(({ id }) =>
            cellOf(
              cells.find((cell) => cell.alternative === id),
              unitOf(criterion),
            ),
          ),
          weight === undefined ? absentCell('none') : figureCell(formatPoints(weight), ''),
        ],
      },
    };
  });
  const scores = decision.profiles.map((outcome) => ({
    group: 'Score, 0 to 100',
    row: {
      title: names.profile(outcome.profile),
      note: outcome.profile === study.defaultProfile ? 'default' : '',
      cells: [
        ...study.alternatives.map(({ id }): TableCell => {
          const found = outcome.alternatives.find((each) => each.alternative === id);
          if (!found) return absentCell('not analysed');
          const { p5, p50, p95 } = found.score;
          const cell = figureCell(
            formatNumber(p50 * 100),
            formatRange(p5 * 100, p95 * 100),
            barOn(UNIT_SCALE, intervalOf(found.score)),
          );
          return found.eligible ? cell : { ...cell, note: `${cell.note}; fails a gate`, tone: 'fails' };
        }),
        figureCell('100', ''),
      ],
    },
  }));
  const shorts = study.alternatives.map((each) => each.short);
  return {
    id: 'criteria-by-alternative',
    caption: 'Every criterion under every alternative: median, and the interval that holds nine samples in ten',
    columns: columns(['Criterion', ...shorts, 'Points'], [...shorts, 'Points']),
    groups: groupRows([...weighed, ...scores]),
  };
}

function gatesTable(study: Study, decision: Decision) {
  if (study.gates.length === 0) return null;
  const rows = study.gates.map((gate) => ({
    title: gate.title,
    note: gate.rationale,
    cells: study.alternatives.map(({ id }): TableCell => {
      const outcome = decision.gates.find((each) => each.gate === gate.id && each.alternative === id);
      if (!outcome) return absentCell('not analysed');
      return outcome.passed
        ? { text: 'passes', note: '', tone: 'holds', bar: null }
        : { text: 'fails', note: outcome.reasons.join('; '), tone: 'fails', bar: null };
    }),
  }));
  const heads = columns(['Gate', ...study.alternatives.map((each) => each.short)]);
  return plainTable('gates', 'Gates: an alternative that fails one is shown and never wins', heads, rows);
}

function notesOf(study: Study, decision: Decision, names: Names): readonly string[] {
  const title = (id: string): string => nameInSentence(names.criterion(id));
  const affected = (status: Cell['status'], words: string): readonly string[] =>
    decision.criteria.flatMap(({ criterion, cells }) => {
      const found = cells
        .filter((cell) => cell.status === status)
        .map((cell) => nameInSentence(names.short(cell.alternative)));
      return found.length
        ? [`${title(criterion)}: ${words} ${listOf(found)}. It counts there as the worst value and has no figure.`]
        : [];
    });
  const constant = decision.criteria.filter((each) => each.constant).map((each) => title(each.criterion));
  return [
    ...affected('refused', 'refused by the memory model under'),
    ...affected('missing', 'no figure was obtained under'),
    ...(constant.length && study.alternatives.length > 1
      ? [
          `The same under every alternative, so that ${constant.length === 1 ? 'it' : 'they'} cannot decide anything: ${listOf(constant)}.`,
        ]
      : []),
  ];
}

/** The table of alternatives by criteria, with what stands out in it. */
export function overviewSection(study: Study, decision: Decision, names: Names): ReportDocument['overview'] {
  return {
    introduction:
      'A bar runs from the worst value at its left end to the best at its right end, as the value function of the criterion says. ' +
      'The dot is the median of the samples; the thick line holds nine in ten of them. Points are the weights of the default profile.',
    criteria: criteriaTable(study, decision, names),
    gates: gatesTable(study, decision),
    notes: notesOf(study, decision, names),
  };
}
