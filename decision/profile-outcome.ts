import type { ProfileOutcome } from '../contracts/decision.js';
import type { CostInput } from '../contracts/run.js';
import type { Profile, Study } from '../contracts/study.js';
import { analyseProblem } from './analysis/analyse-problem.js';
import { rankAcceptability } from './acceptability.js';
import { additiveSamples, additiveValue } from './additive.js';
import type { CriterionSamples } from './criterion-samples.js';
import { sampleWeights } from './sample.js';
import { studyProblem } from './study-problem.js';
import { spreadOf } from './spread.js';
import { shareError, strengthOf } from './strength.js';

/** Criterion samples by alternative id, then criterion id. */
export type SampleTable = ReadonlyMap<string, ReadonlyMap<string, CriterionSamples>>;

/**
 * What one profile makes of the sampled criteria. Only alternatives that pass every gate are ranked, among themselves. Of several that
 * are equally often first, the one with the higher nominal score is named, and of equal scores the one whose id comes first.
 */
export function profileOutcome(
  study: Study,
  profile: Profile,
  table: SampleTable,
  eligible: ReadonlySet<string>,
  draws: Uint32Array,
  costs: readonly CostInput[],
): ProfileOutcome {
  // Sums run over ids in alphabetical order, so that the order of the study cannot change their rounding.
  const criteria = study.criteria.map(({ id }) => id).sort();
  const points = criteria.map((id) => profile.weights[id].points / 100);
  const weights = sampleWeights(study, profile, criteria);

  const scored = study.alternatives.map(({ id }) => {
    const cells = criteria.map((criterion) => table.get(id)!.get(criterion)!);
    const nominal = Math.min(
      additiveValue(
        points,
        cells.map(({ nominalValue }) => nominalValue),
      ),
      1,
    );
    const samples = additiveSamples(
      weights,
      cells.map(({ values }) => values),
      study.samples,
    );
    return { alternative: id, nominal, samples };
  });

  const ranked = scored.filter(({ alternative }) => eligible.has(alternative));
  const acceptability = rankAcceptability(
    ranked.map(({ samples }) => samples),
    study.samples,
  );
  const ranks = new Map(ranked.map(({ alternative }, i) => [alternative, acceptability[i]]));

  const contenders = ranked.map(({ alternative, nominal }) => ({
    alternative,
    nominal,
    odds: ranks.get(alternative)![0],
  }));
  const winner = contenders.sort(
    (a, b) => b.odds - a.odds || b.nominal - a.nominal || (a.alternative < b.alternative ? -1 : 1),
  )[0];

  const problem = { study, profile, table, criteria, points, weights, draws, costs };
  return {
    profile: profile.id,
    winner: winner?.alternative ?? null,
    odds: winner?.odds ?? 0,
    oddsError: winner === undefined ? 0 : shareError(winner.odds, study.samples),
    strength: winner === undefined ? 'open' : strengthOf(winner.odds),
    alternatives: scored.map(({ alternative, nominal, samples }) => ({
      alternative,
      eligible: eligible.has(alternative),
      score: spreadOf(nominal, samples),
      ranks: ranks.get(alternative) ?? null,
    })),
    contributions: study.alternatives.flatMap(({ id: alternative }) =>
      study.criteria.map(({ id: criterion }) => ({
        alternative,
        criterion,
        value: (profile.weights[criterion].points * table.get(alternative)!.get(criterion)!.nominalValue) / 100,
      })),
    ),
    analysis:
      winner === undefined
        ? null
        : analyseProblem(studyProblem({ ...problem, alternatives: [...eligible].toSorted() }), winner.alternative),
  };
}
