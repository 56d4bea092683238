import type { RunResult } from '../contracts/run.js';
import type { Study } from '../contracts/study.js';

/** Finds the run of an alternative, a workload and a draw; undefined where there is none. */
export type RunIndex = (alternative: string, workload: string, draw: number) => RunResult | undefined;

/**
 * Indexes runs by what they are of, so that their order cannot matter.
 * @throws RangeError for a run of another study, a draw that the study does not have, and two runs of the same thing.
 */
export function indexRuns(study: Study, runs: readonly RunResult[]): RunIndex {
  const index = new Map<string, RunResult>();
  for (const run of runs) {
    const place = placeOf(run.alternative, run.workload, run.draw);
    const name = `${run.workload} under ${run.alternative}, draw ${run.draw}`;
    if (run.study !== study.id)
      throw new RangeError(`The run of ${name} belongs to study ${run.study}, not ${study.id}`);
    if (!(Number.isSafeInteger(run.draw) && run.draw >= 0 && run.draw < study.draws)) {
      throw new RangeError(`The run of ${name} is of no draw of the study, which has ${study.draws}`);
    }
    if (index.has(place)) throw new RangeError(`There are two runs of ${name}`);
    index.set(place, run);
  }
  return (alternative, workload, draw) => index.get(placeOf(alternative, workload, draw));
}

function placeOf(alternative: string, workload: string, draw: number): string {
  return JSON.stringify([alternative, workload, draw]);
}
