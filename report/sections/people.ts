import type { Decision } from '../../contracts/decision.js';
import type { ReportDocument, ReportTable } from '../../contracts/document.js';
import type { RunManifest } from '../../contracts/run.js';
import type { Profile, RoleModel, Study } from '../../contracts/study.js';
import { countOf, formatNumber, formatShare } from '../format.js';
import { anchorsOf, type Names } from '../names.js';
import { absentCell, barOn, columns, figureCell, groupRows, plainTable, textCell } from '../table.js';

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

/** What no engine can measure: ranges, with the reasons and sources that their author gives. */
export function judgementsSection(study: Study): ReportDocument['judgements'] {
  const judged = study.criteria.filter((each) => each.kind === 'judged');
  const anchors = anchorsOf(
    'judged',
    judged.map((each) => each.id),
  );
  const tables = judged.map((criterion): ReportTable => {
    const ranges = Object.values(criterion.judgements);
    const ends = criterion.value.map((point) => point.at);
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

function weightsTable(study: Study, profile: Profile, anchor: string): ReportTable {
  const most = Math.max(...Object.values(profile.weights).map((each) => each.points));
  return {
    id: `${anchor}-weights`,
    caption: `Weights of ${profile.title}: points of 100`,
    columns: columns(['Criterion', 'Points', 'Why'], ['Points']),
    groups: groupRows(
      study.criteria.map((criterion) => {
        const weight = profile.weights[criterion.id];
        const cells = weight
          ? [
              figureCell(
                formatNumber(weight.points),
                '',
                barOn({ from: 0, to: most }, { low: 0, mid: weight.points, high: weight.points }),
              ),
              textCell(weight.rationale),
            ]
          : [absentCell('none'), absentCell('not weighed')];
        return { group: criterion.group.join(': '), row: { title: criterion.title, note: '', cells } };
      }),
    ),
  };
}

function contributionsTable(study: Study, decision: Decision, profile: Profile, anchor: string): ReportTable | null {
  const outcome = decision.profiles.find((each) => each.profile === profile.id);
  if (!outcome || outcome.contributions.length === 0) return null;
  const shorts = study.alternatives.map((each) => each.short);
  const most = Math.max(...outcome.contributions.map((each) => each.value));
  return plainTable(
    `${anchor}-contributions`,
    `Where the points of ${profile.title} go: points × value, at the likely judgements and the platform's own costs`,
    columns(['Criterion', ...shorts], shorts),
    study.criteria.map((criterion) => ({
      title: criterion.title,
      note: '',
      cells: study.alternatives.map(({ id }) => {
        const found = outcome.contributions.find((each) => each.alternative === id && each.criterion === criterion.id);
        if (!found) return absentCell('none');
        return figureCell(
          formatNumber(found.value * 100),
          '',
          barOn({ from: 0, to: most }, { low: 0, mid: found.value, high: found.value }),
        );
      }),
    })),
  );
}

/** Whose weights these are, and why. */
export function profilesSection(study: Study, decision: Decision, names: Names): ReportDocument['profiles'] {
  const anchors = anchorsOf(
    'profile',
    study.profiles.map((each) => each.id),
  );
  return study.profiles.map((profile) => {
    const anchor = anchors.get(profile.id) ?? 'profile';
    return {
      title: names.profile(profile.id),
      rationale:
        `${profile.rationale.trim()} Each weight may be off by up to ${formatShare(profile.spread)} either way; ` +
        'every sample draws all of them.',
      isDefault: profile.id === study.defaultProfile,
      weights: weightsTable(study, profile, anchor),
      contributions: contributionsTable(study, decision, profile, anchor),
    };
  });
}
