import type { UncertainInput } from '../contracts/decision-analysis.js';
import type { ProfileOutcome } from '../contracts/decision.js';
import type { CostInput } from '../contracts/run.js';
import type { Profile, Study } from '../contracts/study.js';
import { exactOddsOf } from './acceptability/exact-odds.js';
import { namedWeights } from './analysis/acceptability-outcome.js';
import { analyseProblem } from './analysis/analyse-problem.js';
import { profileTree } from './profile-tree.js';
import { scoreProfile } from './profile-scores.js';
import type { SampledStudy } from './sampled-study.js';
import { studyProblem } from './study-problem.js';
import { verdictOf } from './verdict.js';

/** What one profile makes of the sampled criteria, and the uncertain inputs that its analysis names. */
export function profileOutcome(
  study: Study,
  profile: Profile,
  sampled: SampledStudy,
  costs: readonly CostInput[],
): { readonly outcome: ProfileOutcome; readonly inputs: readonly UncertainInput[] } {
  const { table, eligible, dimension } = sampled;
  const scores = scoreProfile(study, profile, table, dimension);
  const { criteria, points, consistency, scored } = scores;
  const verdict = verdictOf(scored, eligible, study.samples);
  const alternatives = [...eligible].toSorted();
  const weights = namedWeights(criteria, points);
  const problem = studyProblem({ ...sampled, ...scores, study, profile, costs, alternatives });
  const analysed = verdict.winner === null ? { analysis: null, inputs: [] } : analyseProblem(problem, verdict.winner);
  const outcome: ProfileOutcome = {
    profile: profile.id,
    ...verdict,
    contributions: study.alternatives.flatMap(({ id: alternative }) =>
      study.criteria.map(({ id: criterion }) => ({
        alternative,
        criterion,
        value: points[criteria.indexOf(criterion)] * table.get(alternative)!.get(criterion)!.nominalValue,
      })),
    ),
    weights,
    exactOdds: exactOddsOf(profileTree(study, profile).nodes, profile.weights, problem),
    consistency,
    analysis: analysed.analysis,
  };
  return { outcome, inputs: analysed.inputs };
}
