import type { CellStatus } from '../contracts/decision.js';
import type { Criterion, JudgedCriterion, Study } from '../contracts/study.js';
import type { Dimension } from './dimensions.js';
import { type DrawFigure, capabilityFigure, measuredFigure } from './draw-outcome.js';
import type { RunIndex } from './run-index.js';
import { sampleJudgement } from './sample.js';
import { sampledDraws } from './spread.js';
import type { Scale } from './value-shape.js';

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
 * @param scale of the criterion's figures; null for a capability.
 * @param draws the engine draw of each sample.
 */
export function sampleCriterion(
  study: Study,
  criterion: Criterion,
  alternative: string,
  scale: Scale | null,
  runs: RunIndex,
  draws: Uint32Array,
  dimension: Dimension,
): CriterionSamples {
  if (criterion.kind === 'judged') return sampleJudged(study.samples, criterion, alternative, scale!, dimension);
  const outcomes = Array.from({ length: study.draws }, (_, draw) => {
    const run = runs(alternative, criterion.workload, draw);
    return criterion.kind === 'measured' ? measuredFigure(criterion, run) : capabilityFigure(criterion, run);
  });
  const values = outcomes.map((outcome) => valueIn(outcome, scale));
  const nominal = outcomes[0];
  return {
    status: worstStatus(outcomes),
    nominalRaw: nominal.raw,
    raw: Float64Array.from(sampledDraws(outcomes).flatMap(({ raw }) => (raw === null ? [] : [raw]))),
    nominalValue: values[0],
    values: Float64Array.from(draws, (draw) => values[draw]),
    drawValues: values,
  };
}

/** A capability that holds is worth 1; what was refused or is missing has value 0. */
function valueIn({ status, raw }: DrawFigure, scale: Scale | null): number {
  if (raw === null) return status === 'holds' ? 1 : 0;
  return scale!.valueOf(raw);
}

function sampleJudged(
  samples: number,
  criterion: JudgedCriterion,
  alternative: string,
  scale: Scale,
  dimension: Dimension,
): CriterionSamples {
  const range = criterion.judgements[alternative];
  const raw = sampleJudgement(samples, dimension, criterion.id, alternative, range);
  return {
    status: 'judged',
    nominalRaw: range.likely,
    raw,
    nominalValue: scale.valueOf(range.likely),
    values: raw.map((figure) => scale.valueOf(figure)),
    drawValues: null,
  };
}

function worstStatus(outcomes: readonly DrawFigure[]): CellStatus {
  const statuses = new Set(outcomes.map(({ status }) => status));
  if (statuses.has('missing')) return 'missing';
  if (statuses.has('refused')) return 'refused';
  return outcomes[0].status;
}
