/** Where a workload's parameter changes the preferred alternative: `flips.json`. Types only. */

/** A number of a workload and the range that is looked at, in the parameter's own unit. */
export interface FlipAxis {
  readonly workload: string;
  readonly parameter: string;
  readonly title: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  /** The study's own value. It may lie outside the range. */
  readonly nominal: number;
  /** How the range is divided: evenly, or by equal factors. */
  readonly scale: 'linear' | 'log';
  /** Only whole numbers make sense. */
  readonly whole: boolean;
  /** Who gave the range: the study, the caller, or the rule for parameters that nobody named. */
  readonly range: 'study' | 'asked' | 'default';
}

/** The alternatives at one value of a parameter: nominal scores of the default profile, from draw 0. */
export interface FlipPoint {
  readonly at: number;
  /** Alternative to score, 0 to 1. Empty where a run failed. */
  readonly scores: Readonly<Record<string, number>>;
  /** Those that pass every gate, in alphabetical order. */
  readonly eligible: readonly string[];
  /** The eligible with the highest score, in alphabetical order: several where they tie, none where nobody passes. */
  readonly preferred: readonly string[];
  /** Why there is no standing, or null. */
  readonly failure: string | null;
}

/** The preference changes somewhere between two values. */
export interface FlipCrossing {
  readonly low: number;
  readonly high: number;
  /** Preferred at `low`, and at `high`. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The interval is as narrow as was asked for. */
  readonly narrow: boolean;
}

/** Expected value of knowing a parameter exactly, in score (0 to 1). */
export interface ParameterInformation {
  readonly value: number;
  /** How far the estimate moves with half of the values. */
  readonly error: number;
  readonly estimator: string;
}

export interface FlipSearch {
  readonly axis: FlipAxis;
  /** In ascending order of `at`. */
  readonly points: readonly FlipPoint[];
  /** In ascending order; empty when the same alternatives are preferred at every point. */
  readonly crossings: readonly FlipCrossing[];
  /** Lowest and highest value at which every run ended; null when there is none. */
  readonly searched: { readonly low: number; readonly high: number } | null;
  /** Runs that the search needed, whether or not they were stored already. */
  readonly runs: number;
  /** What it is worth to know the parameter; null where fewer than two values were run. */
  readonly information: ParameterInformation | null;
  /** False when the budget ended before every value of the grid was run and every interval narrow. */
  readonly complete: boolean;
}

/** What a parameter does at the ends and in the middle of its range. */
export interface ScreenedParameter {
  readonly axis: FlipAxis;
  readonly points: readonly FlipPoint[];
  /** Smallest lead of the alternative preferred at the study's values, −1 to 1; below zero where another is preferred. */
  readonly leastLead: number;
  /** Greatest less smallest lead. */
  readonly effect: number;
  /** It was searched for flip points. */
  readonly chosen: boolean;
}

export interface FlipAnalysis {
  readonly format: 'physmap flips 2';
  readonly study: string;
  readonly profile: string;
  /** Hash of study, version and input files: an analysis of others is not shown with a report. */
  readonly basis: string;
  /** Preferred at the study's own values. */
  readonly nominal: FlipPoint;
  /** Most runs that it may take, and those that it took, each counted once. The study's own runs do not count. */
  readonly budget: number;
  readonly runs: number;
  /** Width of a narrow interval as a share of its axis. */
  readonly resolution: number;
  /** Empty when the parameters to search were named. Most telling first. */
  readonly screened: readonly ScreenedParameter[];
  /** Parameters that the budget did not reach, as `workload:parameter`. */
  readonly unscreened: readonly string[];
  readonly searches: readonly FlipSearch[];
  /** The command that makes this file again. */
  readonly command: string;
}
