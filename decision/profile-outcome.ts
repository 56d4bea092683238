import type { ProfileOutcome } from '../contracts/decision.js';
import type { CostInput } from '../contracts/run.js';
import type { Profile, Study } from '../contracts/study.js';
import { analyseProblem } from './analysis/analyse-problem.js';
import { additiveSamples, additiveValue } from './additive.js';
import type { CriterionSamples } from './criterion-samples.js';
import { sampleWeights } from './sample.js';
import { studyProblem } from './study-problem.js';
import { verdictOf } from './verdict.js';

/** Criterion samples by alternative id, then criterion id. */
export type SampleTable = ReadonlyMap<string, ReadonlyMap<string, CriterionSamples>>;

/**
 * What one profile makes of the sampled criteria.
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

  const verdict = verdictOf(scored, eligible, study.samples);
  const problem = { study, profile, table, criteria, points, weights, draws, costs };
  return {
    profile: profile.id,
    ...verdict,
    contributions: study.alternatives.flatMap(({ id: alternative }) =>
      study.criteria.map(({ id: criterion }) => ({
        alternative,
        criterion,
        value: (profile.weights[criterion].points * table.get(alternative)!.get(criterion)!.nominalValue) / 100,
      })),
    ),
    analysis:
      verdict.winner === null
        ? null
        : analyseProblem(studyProblem({ ...problem, alternatives: [...eligible].toSorted() }), verdict.winner),
  };
}
