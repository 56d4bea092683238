import type { RunResult } from '../contracts/run.js';

/** The runs of one alternative under one workload, by ascending draw. */
export type RunIndex = (alternative: string, workload: string) => readonly RunResult[];

/** Groups runs for look-up, whatever order they come in. */
export function indexRuns(runs: readonly RunResult[]): RunIndex {
  const groups = new Map<string, RunResult[]>();
  const keyOf = (alternative: string, workload: string): string => JSON.stringify([alternative, workload]);
  for (const run of runs) {
    const key = keyOf(run.alternative, run.workload);
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  for (const group of groups.values()) group.sort((a, b) => a.draw - b.draw);
  return (alternative, workload) => groups.get(keyOf(alternative, workload)) ?? [];
}

/** In words, why runs have not stated a figure. */
export function whyAbsent(runs: readonly RunResult[]): { readonly text: string; readonly note: string } {
  const [first] = runs;
  if (first === undefined) return { text: 'not run', note: '' };
  const finding = first.findings[0];
  if (finding) return { text: 'refused', note: `${finding.operation}: ${finding.rule}` };
  if (first.failure !== null) return { text: 'failed', note: first.failure };
  return { text: 'not stated', note: '' };
}
