import type { CriterionOutcome, Decision } from '../contracts/decision.js';
import type { CostInput, RunResult } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import { everyInput } from './analysis/named-inputs.js';
import { dataWeights, dominanceOutcome } from './analysis/whole-table.js';
import type { CriterionSamples } from './criterion-samples.js';
import { profileOutcome } from './profile-outcome.js';
import type { SampleTable } from './profile-scores.js';
import { sampleStudy } from './sampled-study.js';
import { spreadOf } from './spread.js';
import { strengthRule } from './strength.js';
import type { Scale } from './value-shape.js';
import { nominalValues, sampledValues } from './study-problem.js';

/** Values that differ by no more than this over all alternatives cannot matter. */
const sameValue = 1e-12;

/**
 * Weighs a study's runs: cells, gates, and for each profile who is first and how often, why, and what would change it.
 *
 * Depends on what the runs say and on ids, never on the order of runs, alternatives, criteria or profiles. Runs of workloads that no
 * criterion and no gate uses are left aside.
 *
 * @param costs what the events cost in each draw, from the manifest of the runs: for what each would be worth knowing better.
 * @throws RangeError for a study without a defined decision, runs that are not of the study, and metrics that are no finite numbers or
 * in another unit than their criterion.
 */
export function decide(study: Study, runs: readonly RunResult[], costs: readonly CostInput[] = []): Decision {
  const sampled = sampleStudy(study, runs);
  const { gates, eligible, table, scales } = sampled;
  const criteria = study.criteria.map(({ id }) => id).toSorted();
  const alternatives = [...eligible].toSorted();
  const values = nominalValues(table, alternatives, criteria);
  const nominal = { alternatives, criteria, values };
  const profiles = study.profiles.map((profile) => profileOutcome(study, profile, sampled, costs));
  return {
    study: study.id,
    samples: study.samples,
    seed: study.seed,
    rule: strengthRule,
    criteria: study.criteria.map(({ id }) => criterionOutcome(study, id, table, scales.get(id))),
    gates,
    inputs: everyInput(profiles.map(({ inputs }) => inputs)),
    dominance: dominanceOutcome(nominal, sampledValues(table, alternatives, criteria, study.samples)),
    dataWeights: alternatives.length === 0 ? null : dataWeights(nominal),
    profiles: profiles.map(({ outcome }) => outcome),
  };
}

function criterionOutcome(
  study: Study,
  criterion: string,
  table: SampleTable,
  scale: Scale | undefined,
): CriterionOutcome {
  const columns = study.alternatives.map(({ id }) => ({ id, samples: table.get(id)!.get(criterion)! }));
  return {
    criterion,
    cells: columns.map(({ id, samples }) => ({
      alternative: id,
      status: samples.status,
      raw: samples.nominalRaw === null ? null : spreadOf(samples.nominalRaw, samples.raw),
      value: spreadOf(samples.nominalValue, samples.values),
    })),
    worst: scale?.worst ?? null,
    best: scale?.best ?? null,
    constant: isConstant(columns.map(({ samples }) => samples)),
  };
}

/** Whether all alternatives share one value at the nominal point, and one in each sample. */
function isConstant(columns: readonly CriterionSamples[]): boolean {
  const first = columns[0];
  return columns.every(
    ({ nominalValue, values }) =>
      Math.abs(nominalValue - first.nominalValue) <= sameValue &&
      values.every((value, s) => Math.abs(value - first.values[s]) <= sameValue),
  );
}
