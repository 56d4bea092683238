import type { Profile, Study } from '../contracts/study.js';
import { additiveSamples, additiveValue } from './additive.js';
import type { PairwiseConsistency } from '../contracts/weighting.js';
import type { CriterionSamples } from './criterion-samples.js';
import type { Dimension } from './dimensions.js';
import { profileTree } from './profile-tree.js';
import type { ScoredAlternative } from './verdict.js';
import { leafWeights } from './weighting/leaf-weights.js';

/** Criterion samples by alternative id, then criterion id. */
export type SampleTable = ReadonlyMap<string, ReadonlyMap<string, CriterionSamples>>;

/** The scores that one profile gives, and what they were made with. */
export interface ProfileScores {
  /** Ids in alphabetical order. */
  readonly criteria: readonly string[];
  /** Weights as given, for each criterion, and in each sample. They sum to 1. */
  readonly points: readonly number[];
  readonly weights: readonly Float64Array[];
  readonly consistency: readonly PairwiseConsistency[];
  readonly scored: readonly ScoredAlternative[];
}

/** Sums run over ids in alphabetical order, so that the order of the study cannot change their rounding. */
export function scoreProfile(study: Study, profile: Profile, table: SampleTable, dimension: Dimension): ProfileScores {
  const criteria = study.criteria.map(({ id }) => id).sort();
  const tree = profileTree(study, profile);
  const { nominal: given, sampled, consistency } = leafWeights(tree.nodes, tree.weights, study.samples, dimension);
  const points = criteria.map((id) => given.get(id)!);
  const weights = criteria.map((id) => sampled.get(id)!);
  const scored = study.alternatives.map(({ id }) => {
    const cells = criteria.map((criterion) => table.get(id)!.get(criterion)!);
    const nominal = additiveValue(
      points,
      cells.map(({ nominalValue }) => nominalValue),
    );
    const samples = additiveSamples(
      weights,
      cells.map(({ values }) => values),
      study.samples,
    );
    return { alternative: id, nominal: Math.min(nominal, 1), samples };
  });
  return { criteria, points, weights, consistency, scored };
}
