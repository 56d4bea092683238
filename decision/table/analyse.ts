import type { UncertainInput } from '../../contracts/decision-analysis.js';
import type { ProfileOutcome } from '../../contracts/decision.js';
import type { DecisionTable, TableAnalysis, TableProfile } from '../../contracts/decision-table.js';
import { exactOddsOf } from '../acceptability/exact-odds.js';
import { additiveSamples, additiveValue } from '../additive.js';
import { analyseProblem } from '../analysis/analyse-problem.js';
import { everyInput } from '../analysis/named-inputs.js';
import { namedWeights } from '../analysis/acceptability-outcome.js';
import { dataWeights, dominanceOutcome } from '../analysis/whole-table.js';
import { strengthRule } from '../strength.js';
import { verdictOf } from '../verdict.js';
import { checkTable } from './check-table.js';
import { dimensionsOf } from './dimensions.js';
import { judgeTableGates } from './gates.js';
import { type TableProblem, nominalOf, problemOf, sampledOf } from './table-problem.js';
import { type SampledCriterion, criterionOutcomeOf, sampleTable } from './table-samples.js';
import { leafWeights } from '../weighting/leaf-weights.js';

/**
 * Weighs a table: value functions, gates, and for each profile the odds over figures and weights at once, what other methods say, what would change
 * the answer, and what is worth knowing better. Depends on figures, weights, seed and ids; never on titles or on the order of anything.
 *
 *     const { profiles } = analyse(table);
 *     profiles[0].winner; // null when no alternative passes every gate
 *
 * @throws RangeError for a table without a defined decision; the message names the part.
 */
export const analyse = (table: DecisionTable): TableAnalysis => {
  checkTable(table);
  const criteria = sampleTable(table, dimensionsOf(table, null));
  const gates = judgeTableGates(table);
  const failed = new Set(gates.filter(({ passed }) => !passed).map(({ alternative }) => alternative));
  const eligible = table.alternatives
    .map(({ id }) => id)
    .filter((id) => !failed.has(id))
    .toSorted();
  const nominal = nominalOf(criteria, eligible);
  const profiles = table.profiles.map((profile) => profileOutcome(table, profile, criteria, eligible));
  return {
    title: table.title,
    samples: table.samples,
    seed: table.seed,
    rule: strengthRule,
    criteria: [...criteria.values()].map(criterionOutcomeOf),
    gates,
    inputs: everyInput(profiles.map(({ inputs }) => inputs)),
    dominance: dominanceOutcome(nominal, sampledOf(criteria, eligible, table.samples)),
    dataWeights: eligible.length === 0 ? null : dataWeights(nominal),
    profiles: profiles.map(({ outcome }) => outcome),
  };
};

const profileOutcome = (
  table: DecisionTable,
  profile: TableProfile,
  sampled: ReadonlyMap<string, SampledCriterion>,
  eligible: readonly string[],
): { readonly outcome: ProfileOutcome; readonly inputs: readonly UncertainInput[] } => {
  const { samples } = table;
  const {
    nominal,
    sampled: drawn,
    consistency,
  } = leafWeights(table.criteria, profile, samples, dimensionsOf(table, profile));
  const criteria = [...nominal.keys()].toSorted();
  const points = criteria.map((id) => nominal.get(id)!);
  const weights = criteria.map((id) => drawn.get(id)!);
  const scored = table.alternatives.map(({ id }) => {
    const cells = criteria.map((criterion) => sampled.get(criterion)!.columns.get(id)!);
    const values = cells.map(({ nominalValue }) => nominalValue);
    return {
      alternative: id,
      nominal: Math.min(additiveValue(points, values), 1),
      samples: additiveSamples(
        weights,
        cells.map((cell) => cell.values),
        samples,
      ),
    };
  });
  const verdict = verdictOf(scored, new Set(eligible), samples);
  const problem: TableProblem = { table, profile, criteria: sampled, eligible, points, weights };
  const asked = problemOf(problem);
  const analysed = verdict.winner === null ? { analysis: null, inputs: [] } : analyseProblem(asked, verdict.winner);
  const outcome: ProfileOutcome = {
    profile: profile.id,
    ...verdict,
    contributions: table.alternatives.flatMap(({ id: alternative }) =>
      [...sampled].map(([criterion, { columns }]) => ({
        alternative,
        criterion,
        value: nominal.get(criterion)! * columns.get(alternative)!.nominalValue,
      })),
    ),
    weights: namedWeights(criteria, points),
    consistency,
    exactOdds: exactOddsOf(table.criteria, profile.weights, asked),
    analysis: analysed.analysis,
  };
  return { outcome, inputs: analysed.inputs };
};
