import type { RunResult } from '../contracts/run.js';
import type { CapabilityCriterion, MeasuredCriterion } from '../contracts/study.js';
import { valueOf } from './value-function.js';

/** What one draw says of a criterion under one alternative. `raw` is null where there is no figure. */
export interface DrawOutcome {
  readonly status: 'measured' | 'holds' | 'refused' | 'missing';
  readonly raw: number | null;
  readonly value: number;
}

const missing: DrawOutcome = { status: 'missing', raw: null, value: 0 };
const refused: DrawOutcome = { status: 'refused', raw: null, value: 0 };
const holds: DrawOutcome = { status: 'holds', raw: null, value: 1 };

/**
 * A metric through its value function. No run, a failed run, or a run that neither states the metric nor refuses: missing. A run that
 * does not state it and has a finding: refused. Both have value 0.
 * @throws RangeError for a metric that is not a finite number or not in the criterion's unit.
 */
export function measuredOutcome(criterion: MeasuredCriterion, run: RunResult | undefined): DrawOutcome {
  if (run === undefined || run.failure !== null) return missing;
  const metric = Object.hasOwn(run.metrics, criterion.metric) ? run.metrics[criterion.metric] : undefined;
  if (metric === undefined) return run.findings.length > 0 ? refused : missing;
  const name = `${criterion.metric} of ${run.workload} under ${run.alternative}, draw ${run.draw}`;
  if (!Number.isFinite(metric.value)) throw new RangeError(`${name} is no finite number: ${metric.value}`);
  if (metric.unit !== criterion.unit) {
    throw new RangeError(`${name} is in ${metric.unit}, and criterion ${criterion.id} in ${criterion.unit}`);
  }
  return { status: 'measured', raw: metric.value, value: valueOf(criterion.value, metric.value) };
}

/** A capability holds unless the run recorded a finding of the operation. Without a run that ended, it is missing. */
export function capabilityOutcome(criterion: CapabilityCriterion, run: RunResult | undefined): DrawOutcome {
  if (run === undefined || run.failure !== null) return missing;
  return run.findings.some(({ operation }) => operation === criterion.operation) ? refused : holds;
}
