import type { Decision, ProfileOutcome } from '../../contracts/decision.js';
import type { ReportDocument } from '../../contracts/document.js';
import type { ReportTable } from '../../contracts/report-table.js';
import type { Profile, Study } from '../../contracts/study.js';
import { formatNumber, formatPoints, formatRange } from '../format.js';
import { anchorsOf, type Names } from '../names.js';
import { absentCell, barOn, columns, figureCell, groupRows, plainTable, textCell } from '../table.js';
import { consistencyNotes, howWeighed } from './weighing.js';

/** The interval that holds nine in ten of the drawn weights; null where the weight is not drawn. */
function drawnRange(decision: Decision, profile: string, criterion: string): readonly [number, number] | null {
  const input = decision.inputs.find(({ id }) => id === `weight/${profile}/${criterion}`);
  if (input === undefined || input.low === null || input.high === null) return null;
  return [input.low, input.high];
}

function weightsTable(study: Study, decision: Decision, profile: Profile, anchor: string): ReportTable {
  const weights = outcomeOf(decision, profile)?.weights ?? [];
  const ranges = new Map(study.criteria.map(({ id }) => [id, drawnRange(decision, profile.id, id)]));
  const most = Math.max(...weights.map(({ weight, criterion }) => Math.max(weight, ranges.get(criterion)?.[1] ?? 0)));
  return {
    id: `${anchor}-weights`,
    caption: `Weights of ${profile.title} in points of 100, and the interval that holds nine in ten of those drawn`,
    columns: columns(['Criterion', 'Points', 'Why'], ['Points']),
    groups: groupRows(
      study.criteria.map((criterion) => {
        const weight = weights.find((each) => each.criterion === criterion.id)?.weight;
        const range = ranges.get(criterion.id) ?? null;
        const [low, high] = range ?? [weight ?? 0, weight ?? 0];
        const reason = profile.reasons[criterion.id];
        const cells =
          weight === undefined
            ? [absentCell('none'), absentCell('not weighed')]
            : [
                figureCell(
                  formatPoints(weight),
                  range === null ? '' : formatRange(100 * low, 100 * high),
                  barOn({ from: 0, to: most }, { low, mid: weight, high }),
                ),
                reason === undefined ? absentCell('no reason given') : textCell(reason),
              ];
        return { group: criterion.group.join(': '), row: { title: criterion.title, note: '', cells } };
      }),
    ),
  };
}

function outcomeOf(decision: Decision, { id }: Profile): ProfileOutcome | undefined {
  return decision.profiles.find(({ profile }) => profile === id);
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
      rationale: `${profile.rationale.trim()} ${howWeighed(profile)}`,
      notes: consistencyNotes(profile, outcomeOf(decision, profile)?.consistency ?? []),
      isDefault: profile.id === study.defaultProfile,
      weights: weightsTable(study, decision, profile, anchor),
      contributions: contributionsTable(study, decision, profile, anchor),
    };
  });
}
