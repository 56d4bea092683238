import type { RunMetric, RunResult } from '../../contracts/run.js';
import type { StudyAlternative } from '../../contracts/study.js';
import type { SweepResult } from '../../contracts/sweep.js';
import { whyAbsent } from '../run-index.js';

/** A metric of a sweep that a chart is made of. */
export interface SweptMetric {
  readonly result: SweepResult;
  readonly metric: string;
  readonly alternatives: readonly StudyAlternative[];
  /** Title of the workload. */
  readonly workload: string;
  /** Begins the ids of its charts. */
  readonly anchor: string;
}

/** A metric at a point under an alternative; words where it has no value. */
export interface SweptValue {
  readonly value: number | null;
  readonly absent: string;
  readonly run: RunResult | undefined;
}

/** The metric at a point of the grid under an alternative. */
export function sweptValue({ result, metric }: SweptMetric, point: number, alternative: string): SweptValue {
  const run = result.points[point]?.runs.find((each) => each.alternative === alternative);
  const value = run?.metrics[metric]?.value;
  if (value !== undefined && Number.isFinite(value)) return { value, absent: '', run };
  const { text, note } = whyAbsent(run === undefined ? [] : [run]);
  return { value: null, absent: note === '' ? text : `${text}, ${note}`, run };
}

/** What the runs say of the metric; null when none states it. */
export function sweptMetric({ result, metric }: SweptMetric): RunMetric | null {
  const runs = result.points.flatMap((point) => point.runs);
  return runs.find((run) => run.metrics[metric] !== undefined)?.metrics[metric] ?? null;
}

/** Ends of a scale, and whether it goes by equal factors. */
export function sweptScale(values: readonly number[]): { low: number; high: number; scale: 'linear' | 'log' } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { low, high, scale: low > 0 && high / low > 10 ? 'log' : 'linear' };
}
