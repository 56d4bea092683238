import type { DecisionTable, TableProfile } from '../../contracts/decision-table.js';
import type { SampledProblem } from '../acceptability/smaa.js';
import type { Figures, Problem, SampledInput } from '../analysis/problem.js';
import { sampledProblem } from '../analysis/sampled-problem.js';
import { weightInputs } from '../analysis/weight-inputs.js';
import { uncertain } from '../information/narrowing.js';
import type { NotDefined } from '../methods/normalisation.js';
import { isExact } from './dimensions.js';
import type { SampledCriterion } from './table-samples.js';

/** What a profile's problem is made of. */
export interface TableProblem {
  readonly table: DecisionTable;
  readonly profile: TableProfile;
  readonly criteria: ReadonlyMap<string, SampledCriterion>;
  /** Alternatives that pass every gate, in alphabetical order. */
  readonly eligible: readonly string[];
  /** Nominal weights in the alphabetical order of the criteria, and those of the samples. */
  readonly points: readonly number[];
  readonly weights: readonly Float64Array[];
}

type Criteria = ReadonlyMap<string, SampledCriterion>;

const idsOf = (criteria: Criteria): readonly string[] => [...criteria.keys()].toSorted();

/** Values at the nominal point, of which the ids are in alphabetical order. */
export const nominalOf = (
  criteria: Criteria,
  eligible: readonly string[],
): Pick<Problem, 'alternatives' | 'criteria' | 'values'> => {
  const ids = idsOf(criteria);
  return {
    alternatives: eligible,
    criteria: ids,
    values: eligible.map((alternative) => ids.map((id) => criteria.get(id)!.columns.get(alternative)!.nominalValue)),
  };
};

/** Every sample's values; weights too where they are given. */
export const sampledOf = (
  criteria: Criteria,
  eligible: readonly string[],
  samples: number,
  weights: readonly Float64Array[] = [],
): SampledProblem => {
  const ids = idsOf(criteria);
  const values = eligible.map((alternative) => ids.map((id) => criteria.get(id)!.columns.get(alternative)!.values));
  return sampledProblem(samples, ids.length, values, weights);
};

/** A table's profile as a problem on plain arrays. */
export const problemOf = (given: TableProblem): Problem => {
  const { table, profile, criteria, eligible, points, weights } = given;
  return {
    ...nominalOf(criteria, eligible),
    weights: points,
    figures: figuresOf(criteria, eligible),
    sampled: sampledOf(criteria, eligible, table.samples, weights),
    inputs: [...figureInputs(criteria, eligible), ...weightInputs(profile.id, idsOf(criteria), points, weights)],
    draws: null,
  };
};

const figuresOf = (criteria: Criteria, eligible: readonly string[]): Figures | NotDefined => {
  const columns = idsOf(criteria).map((id) => criteria.get(id)!);
  for (const { leaf, scale, columns: cells } of columns) {
    const { id } = leaf.criterion;
    if (scale.direction === null) return { notDefined: 'more is neither better nor worse throughout', criterion: id };
    const without = eligible.find((alternative) => cells.get(alternative)!.nominalRaw === null);
    if (without !== undefined) return { notDefined: 'there is no figure', criterion: id, alternative: without };
  }
  return {
    matrix: eligible.map((alternative) => columns.map((column) => column.columns.get(alternative)!.nominalRaw!)),
    directions: columns.map(({ scale }) => scale.direction!),
  };
};

const figureInputs = (criteria: Criteria, eligible: readonly string[]): readonly SampledInput[] =>
  idsOf(criteria).flatMap((id, criterion) => {
    const { leaf, scale, columns } = criteria.get(id)!;
    const { kind, unit, figures } = leaf.criterion;
    return eligible.flatMap((alternative, a): readonly SampledInput[] => {
      const figure = figures[alternative];
      if (figure === null || isExact(figure)) return [];
      const { low, likely, high } = figure;
      const judged = kind === 'judged';
      return [
        {
          input: uncertain(`${judged ? 'judgement' : 'figure'}/${id}/${alternative}`, {
            kind: judged ? 'judgement' : 'figure',
            criterion: id,
            alternative,
            unit,
            low,
            likely,
            high,
          }),
          samples: columns.get(alternative)!.raw,
          effect: { on: 'value', alternative: a, criterion, atLow: scale.valueOf(low), atHigh: scale.valueOf(high) },
        },
      ];
    });
  });
