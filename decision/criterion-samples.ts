import type { CellStatus } from '../contracts/decision.js';
import type { Criterion, JudgedCriterion, Study } from '../contracts/study.js';
import { capabilityOutcome, measuredOutcome, type DrawOutcome } from './draw-outcome.js';
import type { RunIndex } from './run-index.js';
import { sampleJudgement } from './sample.js';
import { sampledDraws } from './spread.js';
import { valueOf } from './value-function.js';

/** One criterion under one alternative, at the nominal point and in every sample. */
export interface CriterionSamples {
  readonly status: CellStatus;
  /** In the criterion's unit; null when the nominal draw has no figure. */
  readonly nominalRaw: number | null;
  /** The figures that there are: of the draws from their ranges for a measured criterion, of the samples for a judged one. */
  readonly raw: Float64Array;
  readonly nominalValue: number;
  /** One for each sample. */
  readonly values: Float64Array;
  /** One for each draw of the engine, draw 0 first; null for a judged criterion, which no run changes. */
  readonly drawValues: readonly number[] | null;
}

/**
 * Samples a criterion under an alternative. Where draws differ in status the worst is told: missing, then refused; the value of each
 * sample is that of its own draw.
 * @param draws the engine draw of each sample.
 */
export function sampleCriterion(
  study: Study,
  criterion: Criterion,
  alternative: string,
  runs: RunIndex,
  draws: Uint32Array,
): CriterionSamples {
  if (criterion.kind === 'judged') return sampleJudged(study, criterion, alternative);
  const outcomes = Array.from({ length: study.draws }, (_, draw) => {
    const run = runs(alternative, criterion.workload, draw);
    return criterion.kind === 'measured' ? measuredOutcome(criterion, run) : capabilityOutcome(criterion, run);
  });
  const nominal = outcomes[0];
  const sampled = Array.from(draws, (draw) => outcomes[draw]);
  return {
    status: worstStatus(outcomes),
    nominalRaw: nominal.raw,
    raw: Float64Array.from(sampledDraws(outcomes).flatMap(({ raw }) => (raw === null ? [] : [raw]))),
    nominalValue: nominal.value,
    values: Float64Array.from(sampled, ({ value }) => value),
    drawValues: outcomes.map(({ value }) => value),
  };
}

function sampleJudged(study: Study, criterion: JudgedCriterion, alternative: string): CriterionSamples {
  const range = criterion.judgements[alternative];
  const raw = sampleJudgement(study, criterion.id, alternative, range);
  return {
    status: 'judged',
    nominalRaw: range.likely,
    raw,
    nominalValue: valueOf(criterion.value, range.likely),
    values: raw.map((figure) => valueOf(criterion.value, figure)),
    drawValues: null,
  };
}

function worstStatus(outcomes: readonly DrawOutcome[]): CellStatus {
  const statuses = new Set(outcomes.map(({ status }) => status));
  if (statuses.has('missing')) return 'missing';
  if (statuses.has('refused')) return 'refused';
  return outcomes[0].status;
}
