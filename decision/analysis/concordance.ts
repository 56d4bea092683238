import type {
  ConcordanceOutcome,
  MethodOutcome,
  MethodRanks,
  NotDefined,
  RankReversalOutcome,
} from '../../contracts/decision-analysis.js';
import { concordanceOf, kendallTau } from '../methods/agreement.js';
import { METHOD_VARIANTS, type MethodVariant, type Scored } from '../methods/catalogue.js';
import { type ColumnNotDefined, type Direction, type Matrix, isNotDefined } from '../methods/normalisation.js';
import { ranksOf } from '../methods/ranks.js';
import { rankReversal } from '../sensitivity/rank-reversal.js';
import type { Problem } from './problem.js';

/** Scores of methods that are equal but for rounding. */
const TIE = 1e-9;

/** How much worse a loser is made, as a share of the range of each criterion. */
const WORSE_BY = 0.1;

/** Every method on the nominal table, each with its agreement with the additive value. */
export const concordance = (problem: Problem): ConcordanceOutcome => {
  const found = METHOD_VARIANTS.map((variant) => ({ variant, result: run(variant, problem) }));
  const ranks = found.flatMap(({ result }) => (isNotDefined(result) ? [] : [ranksOf(result.scores, TIE)]));
  const [primary] = ranks;
  const methods = found.map(({ variant: { method, normalisation }, result }): MethodOutcome => ({
    method,
    normalisation,
    result: isNotDefined(result) ? result : outcomeOf(problem, result, primary),
  }));
  const firsts = ranks.map((ranking) => ranking.map((rank) => rank === 1).join());
  return {
    methods,
    defined: ranks.length,
    agreeing: firsts.filter((first) => first === firsts[0]).length,
    concordance: concordanceOf(ranks),
  };
};

/** Irregularities of each method that has a result. */
export const rankReversals = (problem: Problem): readonly RankReversalOutcome[] =>
  METHOD_VARIANTS.flatMap((variant) => {
    const table = tableOf(variant, problem);
    if (isNotDefined(table) || isNotDefined(run(variant, problem))) return [];
    const { matrix, directions } = table;
    const ranges = directions.map((_, column) => {
      const figures = matrix.map((row) => row[column]);
      return Math.max(...figures) - Math.min(...figures);
    });
    const found = rankReversal(
      matrix,
      (rows) => {
        const result = variant.score(rows, problem.weights, directions);
        return isNotDefined(result) ? result : result.scores;
      },
      (row) => row.map((figure, c) => figure + (directions[c] === 'lower' ? WORSE_BY : -WORSE_BY) * (ranges[c] || 1)),
    );
    const named = (index: number): string => problem.alternatives[index];
    const trials = (list: (typeof found)['dropped']) =>
      list.map(({ loser, first }) => ({ loser: named(loser), first: named(first) }));
    return [
      {
        method: variant.method,
        normalisation: variant.normalisation,
        dropped: trials(found.dropped),
        worsened: trials(found.worsened),
        pairs: found.pairs.map(({ preferred, over }) => ({ preferred: named(preferred), over: named(over) })),
        circle: found.circle,
      },
    ];
  });

const tableOf = (
  { on }: MethodVariant,
  { values, figures, criteria }: Problem,
): { readonly matrix: Matrix; readonly directions: readonly Direction[] } | NotDefined =>
  on === 'figures' ? figures : { matrix: values, directions: criteria.map(() => 'higher') };

const run = (variant: MethodVariant, problem: Problem): Scored | NotDefined => {
  const table = tableOf(variant, problem);
  if (isNotDefined(table)) return table;
  const result = variant.score(table.matrix, problem.weights, table.directions);
  return isNotDefined(result) ? withCriterion(result, problem.criteria) : result;
};

/** Says which criterion it is that a method cannot take. */
const withCriterion = (reason: NotDefined | ColumnNotDefined, criteria: readonly string[]): NotDefined =>
  'column' in reason ? { notDefined: reason.notDefined, criterion: criteria[reason.column] } : reason;

const outcomeOf = (
  { alternatives }: Problem,
  { scores, compromise }: Scored,
  primary: readonly number[],
): MethodRanks => {
  const ranks = ranksOf(scores, TIE);
  return {
    ranks: alternatives.map((alternative, index) => ({ alternative, rank: ranks[index], score: scores[index] })),
    first: alternatives.filter((_, index) => ranks[index] === 1),
    agreement: kendallTau(primary, ranks),
    ...(compromise === undefined
      ? {}
      : { compromise: { ...compromise, set: compromise.set.map((index) => alternatives[index]).toSorted() } }),
  };
};
