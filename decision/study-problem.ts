import type { CostInput } from '../contracts/run.js';
import type { Criterion, Profile, Study } from '../contracts/study.js';
import type { SampledProblem } from './acceptability/smaa.js';
import type { CostDraws, Figures, Problem, SampledInput } from './analysis/problem.js';
import { sampledProblem } from './analysis/sampled-problem.js';
import { weightInputs } from './analysis/weight-inputs.js';
import { uncertain } from './information/narrowing.js';
import type { Direction, Matrix, NotDefined } from './methods/normalisation.js';
import type { SampleTable } from './profile-scores.js';
import { sampledDraws } from './spread.js';
import type { Scales } from './study-scales.js';

/** What a profile's problem is made of. Alternatives and criteria are in alphabetical order of ids, `points` and `weights` in that of the criteria. */
export interface StudyProblem {
  readonly study: Study;
  readonly profile: Profile;
  readonly table: SampleTable;
  readonly scales: Scales;
  readonly alternatives: readonly string[];
  readonly criteria: readonly string[];
  /** Nominal weights, 0 to 1. */
  readonly points: readonly number[];
  /** `[criterion][sample]` */
  readonly weights: readonly Float64Array[];
  /** The engine's draw of each sample. */
  readonly draws: Uint32Array;
  readonly costs: readonly CostInput[];
}

/** A study's profile as a problem on plain arrays. */
export const studyProblem = (given: StudyProblem): Problem => {
  const { study, profile, table, alternatives, criteria, points, weights } = given;
  return {
    alternatives,
    criteria,
    values: nominalValues(table, alternatives, criteria),
    weights: points,
    figures: nominalFigures(given),
    sampled: sampledValues(table, alternatives, criteria, study.samples, weights),
    inputs: [...judgementInputs(given), ...weightInputs(profile.id, criteria, points, weights)],
    draws: study.draws === 1 ? null : costDraws(given),
  };
};

/** Values at the nominal point, a row an alternative. */
export const nominalValues = (
  table: SampleTable,
  alternatives: readonly string[],
  criteria: readonly string[],
): Matrix =>
  alternatives.map((alternative) => criteria.map((criterion) => table.get(alternative)!.get(criterion)!.nominalValue));

/** Every sample's values; weights too where they are given. */
export const sampledValues = (
  table: SampleTable,
  alternatives: readonly string[],
  criteria: readonly string[],
  samples: number,
  weights: readonly Float64Array[] = [],
): SampledProblem => {
  const values = alternatives.map((alternative) =>
    criteria.map((criterion) => table.get(alternative)!.get(criterion)!.values),
  );
  return sampledProblem(samples, criteria.length, values, weights);
};

const nominalFigures = ({ study, table, scales, alternatives, criteria }: StudyProblem): Figures | NotDefined => {
  const byId = new Map(study.criteria.map((criterion) => [criterion.id, criterion]));
  const directions: Direction[] = [];
  for (const id of criteria) {
    const direction = byId.get(id)!.kind === 'capability' ? 'higher' : scales.get(id)!.direction;
    if (direction === null) return { notDefined: 'more is neither better nor worse throughout', criterion: id };
    directions.push(direction);
    for (const alternative of alternatives) {
      if (figureOf(table, alternative, byId.get(id)!) === null)
        return { notDefined: 'there is no figure', criterion: id, alternative };
    }
  }
  const matrix = alternatives.map((alternative) => criteria.map((id) => figureOf(table, alternative, byId.get(id)!)!));
  return { matrix, directions };
};

/** A capability is 1 or 0 by whether it holds; that it was not shown is no figure. */
const figureOf = (table: SampleTable, alternative: string, criterion: Criterion): number | null => {
  const { status, nominalRaw, nominalValue } = table.get(alternative)!.get(criterion.id)!;
  if (criterion.kind === 'capability') return status === 'missing' ? null : nominalValue;
  return nominalRaw;
};

const judgementInputs = ({ study, table, scales, alternatives, criteria }: StudyProblem): readonly SampledInput[] =>
  study.criteria.flatMap((criterion) => {
    if (criterion.kind !== 'judged') return [];
    const { id, unit, judgements } = criterion;
    const { valueOf } = scales.get(id)!;
    return alternatives.flatMap((alternative, a): readonly SampledInput[] => {
      const { low, likely, high } = judgements[alternative];
      if (low === high) return [];
      return [
        {
          input: uncertain(`judgement/${id}/${alternative}`, {
            kind: 'judgement',
            criterion: id,
            alternative,
            unit,
            low,
            likely,
            high,
          }),
          samples: table.get(alternative)!.get(id)!.raw,
          effect: {
            on: 'value',
            alternative: a,
            criterion: criteria.indexOf(id),
            atLow: valueOf(low),
            atHigh: valueOf(high),
          },
        },
      ];
    });
  });

const costDraws = ({ study, table, alternatives, criteria, draws, costs }: StudyProblem): CostDraws => {
  const valuesOf = (draw: number): Matrix =>
    alternatives.map((alternative) =>
      criteria.map((criterion) => {
        const { drawValues, nominalValue } = table.get(alternative)!.get(criterion)!;
        return drawValues?.[draw] ?? nominalValue;
      }),
    );
  const used = sampledDraws(Array.from({ length: study.draws }, (_, draw) => draw));
  return {
    ofSample: draws.map((draw) => draw - used[0]),
    values: used.map(valuesOf),
    costs: costs
      .filter(({ low, high }) => low < high)
      .map(({ event, title, unit, low, value: likely, high, assumed, factors }) => ({
        input: uncertain(`cost/${event}`, { kind: 'cost', event, title, assumed, unit, low, likely, high }),
        factors: sampledDraws(factors),
      })),
    together: uncertain('costs', { kind: 'costs', unit: '' }),
  };
};
