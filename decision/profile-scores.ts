import type { Profile, Study } from '../contracts/study.js';
import { additiveSamples, additiveValue } from './additive.js';
import type { CriterionSamples } from './criterion-samples.js';
import { sampleWeights } from './sample.js';
import type { ScoredAlternative } from './verdict.js';

/** Criterion samples by alternative id, then criterion id. */
export type SampleTable = ReadonlyMap<string, ReadonlyMap<string, CriterionSamples>>;

/** The scores that one profile gives, and what they were made with. */
export interface ProfileScores {
  /** Ids in alphabetical order. */
  readonly criteria: readonly string[];
  /** Weights as given, for each criterion, and in each sample. They sum to 1. */
  readonly points: readonly number[];
  readonly weights: readonly Float64Array[];
  readonly scored: readonly ScoredAlternative[];
}

/** Sums run over ids in alphabetical order, so that the order of the study cannot change their rounding. */
export function scoreProfile(study: Study, profile: Profile, table: SampleTable): ProfileScores {
  const criteria = study.criteria.map(({ id }) => id).sort();
  const points = criteria.map((id) => profile.weights[id].points / 100);
  const weights = sampleWeights(study, profile, criteria);
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
  return { criteria, points, weights, scored };
}
