import type { ProfileAnalysis, UncertainInput } from '../contracts/decision-analysis.js';
import type { ProfileOutcome } from '../contracts/decision.js';
import type { DecisionTable, TableAnalysis } from '../contracts/decision-table.js';
import { whyNotDefined } from '../decision/index.js';
import { alignRows } from './align-rows.js';

const MOST_LISTED = 5;

/** A table's analysis in plain text: for each profile the verdict, scores and ranks, other methods, and what would change the answer. */
export function describeAnalysis(table: DecisionTable, analysis: TableAnalysis): string {
  const { samples, seed, rule } = analysis;
  const count = (n: number, what: string, plural: string): string => `${n} ${n === 1 ? what : plural}`;
  const size = [
    count(table.alternatives.length, 'alternative', 'alternatives'),
    count(analysis.criteria.length, 'criterion', 'criteria'),
    `${samples} samples from seed ${seed}`,
  ];
  const lines = [
    table.title,
    `  ${size.join(', ')}`,
    `  clear from ${percent(rule.clear)} of the samples on, leaning from ${percent(rule.leaning)}, open below`,
    ...aboutTheTable(analysis),
  ];
  const titles = new Map(table.profiles.map(({ id, title }) => [id, title]));
  for (const profile of analysis.profiles) {
    lines.push(
      '',
      `${titles.get(profile.profile)}: ${verdictOf(profile)}`,
      ...aboutProfile(profile, analysis.inputs).map((line) => `  ${line}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

function aboutTheTable({ criteria, gates, dominance }: TableAnalysis): readonly string[] {
  const lines = gates
    .filter(({ passed }) => !passed)
    .map(({ gate, alternative, reasons }) => `  ${alternative} fails the gate ${gate}: ${reasons.join('; ')}`);
  for (const { criterion, worst, best, constant, cells } of criteria) {
    const missing = cells.filter(({ status }) => status === 'missing').map(({ alternative }) => alternative);
    if (missing.length > 0) lines.push(`  ${criterion}: no figure under ${missing.join(', ')}; the value there is 0`);
    if (constant) lines.push(`  ${criterion}: the same for all, so it cannot matter`);
    const fromData = [
      worst?.from === 'data' ? `worst ${worst.at}` : '',
      best?.from === 'data' ? `best ${best.at}` : '',
    ];
    const ends = fromData.filter((end) => end !== '').join(', ');
    if (ends !== '') lines.push(`  ${criterion}: ${ends}, from the data`);
  }
  for (const { alternative, by, inEverySample } of dominance) {
    if (by.length > 0) {
      const always = by.every((each) => inEverySample.includes(each))
        ? ', in every sample'
        : ', but not in every sample';
      lines.push(`  ${alternative} is dominated by ${by.join(', ')}${always}`);
    }
  }
  return lines;
}

function verdictOf(outcome: ProfileOutcome): string {
  const { winner, tiedWith, odds, oddsError, strength, alternatives } = outcome;
  if (winner === null) return 'no alternative passes every gate, so none is preferred';
  if (alternatives.length === 1) return `${winner}: the table has no other alternative`;
  if (alternatives.filter(({ eligible }) => eligible).length === 1)
    return `${winner}: the only alternative that passes every gate`;
  if (tiedWith.length > 0)
    return `${strength}: ${[winner, ...tiedWith].join(' = ')}, first equally often, in ${percent(odds)} of the samples each`;
  return `${strength}: ${winner} is first in ${percent(odds)} of the samples (±${percent(oddsError)})`;
}

function aboutProfile(profile: ProfileOutcome, inputs: readonly UncertainInput[]): readonly string[] {
  const ranked = profile.alternatives.toSorted((a, b) => b.score.nominal - a.score.nominal);
  const ranks = ranked.find((each) => each.ranks !== null)?.ranks ?? [];
  const lines = [
    ...alignRows([
      ['', 'score', '5 % to 95 %', ...ranks.map((_, rank) => `rank ${rank + 1}`)],
      ...ranked.map(({ alternative, score, ranks: own }) => [
        alternative,
        score.nominal.toFixed(3),
        `${score.p5.toFixed(3)} to ${score.p95.toFixed(3)}`,
        ...(own === null ? ['fails a gate'] : own.map(percent)),
      ]),
    ]),
    `weights: ${profile.weights.map(({ criterion, weight }) => `${criterion} ${percent(weight)}`).join(', ')}`,
  ];
  for (const { group, ratio, randomIndex } of profile.consistency) {
    const of = group === null ? 'the top' : group;
    const said =
      ratio === null
        ? 'no random index for so many'
        : `${ratio.toFixed(3)}${ratio < 0.1 ? '' : ', which is not consistent'}`;
    lines.push(`consistency ratio of the comparisons in ${of}: ${said} (${randomIndex})`);
  }
  if (profile.exactOdds !== null)
    lines.push(
      `without sampling, first in ${profile.exactOdds.map(({ alternative, share }) => `${percent(share)} ${alternative}`).join(', ')}`,
    );
  const eligible = profile.alternatives.filter((each) => each.eligible).length;
  return profile.analysis === null || eligible < 2 ? lines : [...lines, ...aboutAnalysis(profile.analysis, inputs)];
}

function aboutAnalysis(
  { concordance, rankReversal, breakEvens, nearestFlip, tornado, information, acceptability }: ProfileAnalysis,
  inputs: readonly UncertainInput[],
): readonly string[] {
  const known = new Map(inputs.map((input) => [input.id, input]));
  const lines = [
    `over the second half of the samples the odds moved by at most ${percent(acceptability.convergence.settledWithin)}`,
    `methods: ${concordance.agreeing} of ${concordance.defined} put the same first as the additive value`,
  ];
  const first = concordance.methods[0].result;
  const without = new Map<string, string[]>();
  for (const { method, normalisation, result } of concordance.methods) {
    const name = `${method} (${normalisation})`;
    if ('notDefined' in result) {
      const reason = whyNotDefined(result);
      without.set(reason, [...(without.get(reason) ?? []), name]);
    } else if (!('notDefined' in first) && result.first.join() !== first.first.join())
      lines.push(`  ${name}: ${result.first.join(' and ')}`);
  }
  for (const [reason, names] of without) lines.push(`  no result, since ${reason}: ${names.join('; ')}`);
  const reversing = rankReversal.filter(({ dropped, worsened }) => dropped.length + worsened.length > 0);
  for (const { method, normalisation } of reversing)
    lines.push(`  ${method} (${normalisation}) puts another first when a loser is dropped or gets worse`);
  const crossings = breakEvens.flatMap(({ criterion, weight, below, above }) => [
    ...(below === null
      ? []
      : [`${criterion} below ${percent(below.weight)} (now ${percent(weight)}): ${below.alternative}`]),
    ...(above === null
      ? []
      : [`${criterion} above ${percent(above.weight)} (now ${percent(weight)}): ${above.alternative}`]),
  ]);
  lines.push(
    crossings.length === 0 ? 'no single weight changes the answer' : 'weights that change the answer:',
    ...crossings.map((line) => `  ${line}`),
  );
  if (nearestFlip !== null)
    lines.push(
      `the least that makes ${nearestFlip.alternative} as good: ${percent(nearestFlip.change / 2)} of all weight moved from some criteria to others`,
    );
  if (tornado !== null && tornado.bars.length > 0) {
    lines.push(`lead of ${tornado.first}: ${tornado.lead.toFixed(3)}; what moves it most, from one end to the other:`);
    for (const { input, leadAtLow, leadAtHigh } of tornado.bars.slice(0, MOST_LISTED))
      lines.push(`  ${nameOf(known.get(input)!)}: ${leadAtLow.toFixed(3)} to ${leadAtHigh.toFixed(3)}`);
  }
  lines.push(
    `knowing everything would be worth ${information.evpi.toFixed(4)} ± ${information.error.toFixed(4)} of score`,
  );
  for (const { input, value, error } of information.inputs.slice(0, MOST_LISTED)) {
    if (value > error)
      lines.push(
        `  ${nameOf(known.get(input)!)}: ${value.toFixed(4)} ± ${error.toFixed(4)}. ${known.get(input)!.narrow}`,
      );
  }
  return lines;
}

function nameOf({ kind, criterion, alternative }: UncertainInput): string {
  return kind === 'weight' ? `weight of ${criterion}` : `${criterion} of ${alternative}`;
}

function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1 %';
  if (share < 1 && share >= 0.995) return '>99 %';
  const digits = share === 0 || share === 1 || share >= 0.1 ? 0 : 1;
  return `${(100 * share).toFixed(digits)} %`;
}
