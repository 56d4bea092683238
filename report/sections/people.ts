import type { Decision } from '../../contracts/decision.js';
import type { ReportDocument } from '../../contracts/document.js';
import type { ReportTable } from '../../contracts/report-table.js';
import type { RunManifest } from '../../contracts/run.js';
import type { RoleModel, Study } from '../../contracts/study.js';
import type { ValueShape } from '../../contracts/value-shape.js';
import { countOf, formatNumber } from '../format.js';
import { anchorsOf } from '../names.js';
import { absentCell, barOn, columns, figureCell, plainTable, textCell } from '../table.js';

function roleText(role: string, model: RoleModel, models: Readonly<Record<string, string>>): string {
  const options = Object.entries(model.options).flatMap(([name, value]) =>
    value === false ? [] : [value === true ? name : `${name}: ${value}`],
  );
  const extra = options.length ? ` (${options.join(', ')})` : '';
  return `${role} domain: ${models[model.model] ?? model.model}${extra}${model.hypothetical ? ', which never existed on this platform' : ''}`;
}

/** What each alternative is. */
export function alternativesSection(study: Study, manifest: RunManifest): ReportDocument['alternatives'] {
  return study.alternatives.map((each) => ({
    title: each.title,
    short: each.short,
    description: each.description,
    baseline: each.id === study.baseline,
    roles: [
      ...Object.entries(each.roles).map(([role, model]) => roleText(role, model, manifest.platform.models)),
      ...Object.entries(each.given ?? {}).map(([name, value]) => `given ${name}: ${value}`),
    ],
  }));
}

/** The figures between which a value function moves. */
function endsOf(value: ValueShape, decision: Decision, criterion: string): readonly number[] {
  if (value.kind === 'piecewise') return value.points.map((point) => point.at);
  const outcome = decision.criteria.find((each) => each.criterion === criterion);
  return [outcome?.worst, outcome?.best].flatMap((end) => (end ? [end.at] : []));
}

/** What no engine can measure: ranges, with the reasons and sources that their author gives. */
export function judgementsSection(study: Study, decision: Decision): ReportDocument['judgements'] {
  const judged = study.criteria.filter((each) => each.kind === 'judged');
  const anchors = anchorsOf(
    'judged',
    judged.map((each) => each.id),
  );
  const tables = judged.map((criterion): ReportTable => {
    const ranges = Object.values(criterion.judgements);
    const ends = endsOf(criterion.value, decision, criterion.id);
    const scale = {
      from: Math.min(...ends, ...ranges.map((each) => each.low)),
      to: Math.max(...ends, ...ranges.map((each) => each.high)),
    };
    return plainTable(
      anchors.get(criterion.id) ?? 'judged',
      criterion.unit ? `${criterion.title} (${criterion.unit})` : criterion.title,
      columns(['Alternative', 'Likely', 'Why', 'Source'], ['Likely']),
      study.alternatives.map(({ id, short }) => {
        const range = criterion.judgements[id];
        if (!range)
          return { title: short, note: '', cells: [absentCell('not judged'), absentCell('none'), absentCell('none')] };
        const bar = barOn(scale, { low: range.low, mid: range.likely, high: range.high });
        return {
          title: short,
          note: '',
          cells: [
            figureCell(formatNumber(range.likely), `${formatNumber(range.low)} to ${formatNumber(range.high)}`, bar),
            textCell(range.rationale),
            textCell(range.source),
          ],
        };
      }),
    );
  });
  return {
    introduction: judged.length
      ? `${countOf(judged.length, 'criterion', 'criteria')} that no engine can measure. Each sample draws from a triangle over the range, with its peak at the likely value.`
      : 'Nothing in this study is judged: every criterion is measured.',
    tables,
  };
}
