import type { GateOutcome } from '../contracts/decision.js';
import type { RunResult } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';
import { checkStudy } from './check-study.js';
import { sampleCriterion } from './criterion-samples.js';
import { eligibleAlternatives, judgeGates } from './gates.js';
import type { SampleTable } from './profile-scores.js';
import type { Dimension } from './dimensions.js';
import { indexRuns } from './run-index.js';
import { sampleDraws, studyDimensions } from './sample.js';
import { type Scales, scalesOf } from './study-scales.js';

/** What every profile of a study weighs: the same samples of the criteria, and the same gates. */
export interface SampledStudy {
  /** The engine draw of each sample. */
  readonly draws: Uint32Array;
  readonly gates: readonly GateOutcome[];
  readonly eligible: ReadonlySet<string>;
  readonly table: SampleTable;
  readonly scales: Scales;
  readonly dimension: Dimension;
}

/**
 * Judges the gates and samples the criteria.
 * @throws RangeError as `decide` does.
 */
export function sampleStudy(study: Study, runs: readonly RunResult[]): SampledStudy {
  checkStudy(study);
  const index = indexRuns(study, runs);
  const draws = sampleDraws(study);
  const gates = judgeGates(study, index);
  const scales = scalesOf(study, index);
  const dimension = studyDimensions(study);
  const table: SampleTable = new Map(
    study.alternatives.map(({ id }) => [
      id,
      new Map(
        study.criteria.map((criterion) => [
          criterion.id,
          sampleCriterion(study, criterion, id, scales.get(criterion.id) ?? null, index, draws, dimension),
        ]),
      ),
    ]),
  );
  return { draws, gates, eligible: eligibleAlternatives(gates, study), table, scales, dimension };
}
