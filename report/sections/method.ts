import type { ReportTable } from '../../contracts/report-table.js';
import type { CriterionOutcome, Decision } from '../../contracts/decision.js';
import type { Criterion, Study } from '../../contracts/study.js';
import type { ScaleEnd, ValueShape } from '../../contracts/value-shape.js';
import { countOf, formatInteger, formatNumber, formatQuantity, nameInSentence } from '../format.js';
import type { Names, ReportInput } from '../names.js';
import { columns, groupRows, textCell } from '../table.js';
import { assumedCounts } from './inputs.js';

function endText(end: ScaleEnd | null, unit: string): string {
  if (end === null) return 'unknown, since there is no figure';
  return `${formatQuantity(end.at, unit)}${end.from === 'data' ? ' (from the data)' : ''}`;
}

/** The value function in words; `ends` say where an end comes from. */
function valueText(value: ValueShape, unit: string, ends: Pick<CriterionOutcome, 'worst' | 'best'>): string {
  if (value.kind === 'piecewise')
    return value.points.map((point) => `${formatNumber(point.value)} at ${formatQuantity(point.at, unit)}`).join(', ');
  const bend = value.kind === 'exponential' ? `, one half at ${formatQuantity(value.half, unit)}, along a curve` : '';
  return `0 at ${endText(ends.worst, unit)}, 1 at ${endText(ends.best, unit)}${bend || ', along a straight line'}`;
}

function measureText(criterion: Criterion, names: Names): string {
  if (criterion.kind === 'judged') return 'judged';
  const workload = `“${nameInSentence(names.workload(criterion.workload))}”`;
  return criterion.kind === 'capability'
    ? `whether ${workload} can ${criterion.operation}`
    : `${criterion.metric} of ${workload}`;
}

/** What each criterion means, where its figure comes from and what the figure is worth. */
export function criteriaTable(study: Study, decision: Decision, names: Names): ReportTable {
  const endsOf = (id: string) =>
    decision.criteria.find(({ criterion }) => criterion === id) ?? { worst: null, best: null };
  return {
    id: 'criteria',
    caption: 'What each criterion means, and what its figure is worth from 0 (worst) to 1 (best)',
    columns: columns(['Criterion', 'Means', 'Comes from', 'Worth']),
    groups: groupRows(
      study.criteria.map((criterion) => ({
        group: criterion.group.join(': '),
        row: {
          title: criterion.title,
          note: '',
          cells: [
            textCell(criterion.description),
            textCell(measureText(criterion, names)),
            textCell(
              criterion.kind === 'capability'
                ? '1 if it can, 0 if it is refused'
                : valueText(criterion.value, criterion.unit, endsOf(criterion.id)),
            ),
          ],
        },
      })),
    ),
  };
}

/** What stands under the figures, counted. */
export function beliefFacts({ study, manifest, runs, decision }: ReportInput): readonly string[] {
  const counts = assumedCounts(manifest);
  const missing = study.alternatives.length * manifest.workloads.length * study.draws - runs.length;
  const judged = study.criteria.filter((each) => each.kind === 'judged').length;
  const assumed = (some: number, all: number, noun: string): string =>
    some === 0
      ? `Every ${noun} has a source.`
      : `${formatInteger(some)} of ${countOf(all, noun)} ${some === 1 ? 'is' : 'are'} assumed: no source states ${some === 1 ? 'it' : 'them'}.`;
  return [
    ...(counts.costs ? [assumed(counts.assumedCosts, counts.costs, 'cost')] : []),
    ...(counts.settings ? [assumed(counts.assumedSettings, counts.settings, 'setting')] : []),
    `${formatInteger(judged)} of ${countOf(study.criteria.length, 'criterion', 'criteria')} ${judged === 1 ? 'is a judgement' : 'are judgements'}, not measurements.`,
    `${countOf(study.draws, 'draw')} of the costs for each alternative and workload; ${countOf(decision.samples, 'sample')} of weights, judgements and draws.`,
    ...(missing > 0 ? [`${countOf(missing, 'run')} of the plan ${missing === 1 ? 'is' : 'are'} missing.`] : []),
  ];
}
