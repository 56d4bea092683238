import type { Decision, ProfileOutcome } from '../../contracts/decision.js';
import type { WaterfallChart } from '../../contracts/report-charts.js';
import type { Study } from '../../contracts/study.js';
import { scoreDifferences } from '../../decision/index.js';
import { countOf, formatNumber, formatSigned } from '../format.js';
import type { Names } from '../names.js';
import { absentCell, columns, figureCell, plainTable } from '../table.js';

/** Steps drawn one by one; the rest are one step, and the table has them all. */
const DRAWN_STEPS = 9;
/** Smaller differences, in points of the score, are not drawn. */
const NONE = 1e-9;

/** The winner and the one behind it, by the nominal score; null where there are not two that pass every gate. */
function firstTwo({ winner, alternatives }: ProfileOutcome): readonly [string, string] | null {
  const others = alternatives
    .filter(({ alternative, eligible }) => eligible && alternative !== winner)
    .toSorted((a, b) => b.score.nominal - a.score.nominal || (a.alternative < b.alternative ? -1 : 1));
  const [second] = others;
  return winner === null || second === undefined ? null : [winner, second.alternative];
}

/** From the score of the second to that of the first, by criterion; null where there are no two. */
export function scoreWaterfall(study: Study, decision: Decision, names: Names): WaterfallChart | null {
  const profile = decision.profiles.find((each) => each.profile === study.defaultProfile);
  const pair = profile && firstTwo(profile);
  if (!profile || !pair) return null;
  const [first, second] = pair;
  const [leader, follower] = [names.short(first), names.short(second)];
  const scoreOf = (id: string): number =>
    100 * (profile.alternatives.find(({ alternative }) => alternative === id)?.score.nominal ?? 0);
  const parts = scoreDifferences(profile, second, first).map(({ part, baseline, alternative, difference }) => ({
    title: names.criterion(part),
    before: baseline * 100,
    after: alternative * 100,
    difference: difference * 100,
  }));
  const moving = parts.filter(({ difference }) => Math.abs(difference) > NONE);
  const drawn = moving.length > DRAWN_STEPS ? moving.slice(0, DRAWN_STEPS - 1) : moving;
  const rest = moving.filter((part) => !drawn.includes(part));
  const shown = [
    ...drawn,
    ...(rest.length === 0
      ? []
      : [{ title: countOf(rest.length, 'other'), difference: rest.reduce((sum, part) => sum + part.difference, 0) }]),
  ];
  let level = scoreOf(second);
  const steps = shown.map(({ title, difference }) => {
    const from = level;
    level += difference;
    const text = formatSigned(formatNumber(difference), difference);
    return { label: title, kind: difference < 0 ? ('less' as const) : ('more' as const), from, to: level, text };
  });
  const end = (label: string, to: number) => ({ label, kind: 'total' as const, from: 0, to, text: formatNumber(to) });
  const all = [end(follower, scoreOf(second)), ...steps, end(leader, scoreOf(first))];
  const levels = all.map(({ to }) => to);
  const [lowest, highest] = [Math.min(...levels), Math.max(...levels)];
  return {
    kind: 'waterfall',
    id: 'score-by-criterion',
    title: `What sets ${leader} apart from ${follower}`,
    context: '',
    description:
      `The nominal score of ${follower} and that of ${leader}, 0 to 100, and what each criterion adds or takes between them, ` +
      `with the weights of ${names.profile(profile.profile)}.`,
    summary: `${all.map(({ label, text }) => `${label} ${text}`).join(', ')}.`,
    measure: 'Score',
    better: 'higher',
    unit: 'points',
    start: highest > lowest ? Math.max(0, lowest - (highest - lowest) * 0.15) : 0,
    end: highest,
    steps: all,
    table: plainTable(
      'score-by-criterion-figures',
      `Points of the score by criterion: ${follower} and ${leader}`,
      columns(['Criterion', follower, leader, 'Difference'], [follower, leader, 'Difference']),
      [
        ...parts,
        {
          title: 'All criteria',
          before: scoreOf(second),
          after: scoreOf(first),
          difference: scoreOf(first) - scoreOf(second),
        },
      ].map(({ title, before, after, difference }) => ({
        title,
        note: '',
        cells: [
          figureCell(formatNumber(before), ''),
          figureCell(formatNumber(after), ''),
          Math.abs(difference) > NONE
            ? figureCell(formatSigned(formatNumber(difference), difference), '')
            : absentCell('none'),
        ],
      })),
    ),
  };
}
