import { uncertain } from '../information/narrowing.js';
import { quantile } from '../spread.js';
import type { SampledInput } from './problem.js';

/** The weights that are not known exactly, each between the 5th and the 95th percentile of its samples. */
export const weightInputs = (
  profile: string,
  criteria: readonly string[],
  nominal: readonly number[],
  weights: readonly Float64Array[],
): readonly SampledInput[] =>
  criteria.flatMap((id, criterion): readonly SampledInput[] => {
    const samples = weights[criterion];
    const ascending = samples.slice().sort();
    if (ascending[0] === ascending.at(-1)) return [];
    return [
      {
        input: uncertain(`weight/${profile}/${id}`, {
          kind: 'weight',
          criterion: id,
          profile,
          unit: 'share of 1',
          low: quantile(ascending, 0.05),
          likely: nominal[criterion],
          high: quantile(ascending, 0.95),
        }),
        samples,
        effect: { on: 'weight', criterion },
      },
    ];
  });
