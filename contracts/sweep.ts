import type { RunResult } from './run.js';
import type { Sweep } from './study.js';

/** What a sweep was and what came out. Types only. */
export interface SweepResult {
  readonly sweep: Sweep;
  /** The first axis goes round fastest. */
  readonly points: readonly {
    /** In the order of the axes. */
    readonly values: readonly number[];
    /** Draw 0 of every alternative, in the study's order. */
    readonly runs: readonly RunResult[];
  }[];
}
