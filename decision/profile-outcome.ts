import type { ProfileOutcome } from '../contracts/decision.js';
import type { CostInput } from '../contracts/run.js';
import type { Profile, Study } from '../contracts/study.js';
import { analyseProblem } from './analysis/analyse-problem.js';
import { scoreProfile, type SampleTable } from './profile-scores.js';
import { studyProblem } from './study-problem.js';
import { verdictOf } from './verdict.js';

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
  const { criteria, points, weights, scored } = scoreProfile(study, profile, table);
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
