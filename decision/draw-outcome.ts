import type { RunResult } from '../contracts/run.js';
import type { CapabilityCriterion, MeasuredCriterion } from '../contracts/study.js';

/** What one draw says of a criterion under one alternative. `raw` is null where there is no figure. */
export interface DrawFigure {
  readonly status: 'measured' | 'holds' | 'refused' | 'missing';
  readonly raw: number | null;
}

const missing: DrawFigure = { status: 'missing', raw: null };
const refused: DrawFigure = { status: 'refused', raw: null };
const holds: DrawFigure = { status: 'holds', raw: null };

/**
 * A metric's figure. No run, a failed run, or a run that neither states the metric nor refuses: missing. A run that
 * does not state it and has a finding: refused.
 * @throws RangeError for a metric that is not a finite number or not in the criterion's unit.
 */
export function measuredFigure(criterion: MeasuredCriterion, run: RunResult | undefined): DrawFigure {
  if (run === undefined || run.failure !== null) return missing;
  const metric = Object.hasOwn(run.metrics, criterion.metric) ? run.metrics[criterion.metric] : undefined;
  if (metric === undefined) return run.findings.length > 0 ? refused : missing;
  const name = `${criterion.metric} of ${run.workload} under ${run.alternative}, draw ${run.draw}`;
  if (!Number.isFinite(metric.value)) throw new RangeError(`${name} is no finite number: ${metric.value}`);
  if (metric.unit !== criterion.unit) {
    throw new RangeError(`${name} is in ${metric.unit}, and criterion ${criterion.id} in ${criterion.unit}`);
  }
  return { status: 'measured', raw: metric.value };
}

/** A capability holds unless the run recorded a finding of the operation. Without a run that ended, it is missing. */
export function capabilityFigure(criterion: CapabilityCriterion, run: RunResult | undefined): DrawFigure {
  if (run === undefined || run.failure !== null) return missing;
  return run.findings.some(({ operation }) => operation === criterion.operation) ? refused : holds;
}
