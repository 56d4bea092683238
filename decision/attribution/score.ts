import type { ProfileOutcome } from '../../contracts/decision.js';
import { differences, type Difference } from './by-part.js';

/**
 * The difference of two alternatives' nominal scores by criterion, largest first: points × (value − value) / 100. It sums to the
 * difference of the scores to rounding, since the score is a sum. `part` is the criterion's id.
 */
export function scoreDifferences(
  { contributions }: Pick<ProfileOutcome, 'contributions'>,
  baseline: string,
  alternative: string,
): readonly Difference[] {
  const of = (id: string): ReadonlyMap<string, number> =>
    new Map(
      contributions
        .filter((each) => each.alternative === id)
        .map(({ criterion, value }) => [criterion, value] as const),
    );
  return differences(of(baseline), of(alternative));
}
