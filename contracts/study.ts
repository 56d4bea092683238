/** A study as its YAML file says it, after checking and with every default filled in. Types only. */

import type { ValueShape } from './value-shape.js';
import type { WeighedNode, Weighting } from './weighting.js';

/** A number with the range that its author would not be surprised by. `likely` is the mode of a triangular distribution. */
export interface JudgedRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
  /** Why this range, in the author's words. */
  readonly rationale: string;
  /** Where it comes from: a citation, or `judgement` when it is the author's own. */
  readonly source: string;
}

/** Which memory model a role has. `hypothetical` admits a model that never existed on the platform. */
export interface RoleModel {
  readonly model: string;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly hypothetical: boolean;
}

export interface StudyAlternative {
  readonly id: string;
  readonly title: string;
  /** A few words for chart labels. */
  readonly short: string;
  readonly description: string;
  /** Role name (control, driver, guest) to model. Roles not named have the platform's own model. */
  readonly roles: Readonly<Record<string, RoleModel>>;
  /** Condition of the platform to the value that holds under this alternative; the platform's default where it is not named. */
  readonly given?: Readonly<Record<string, string>>;
}

export interface StudyWorkload {
  /** `suite/workload`, or the id of a user's own file. */
  readonly id: string;
  /** Parameter name to value, in the parameter's own unit. */
  readonly parameters: Readonly<Record<string, number>>;
}

interface CriterionBase {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Titles of the groups above it, outermost first. */
  readonly group: readonly string[];
}

export interface MeasuredCriterion extends CriterionBase {
  readonly kind: 'measured';
  readonly workload: string;
  readonly metric: string;
  readonly unit: string;
  readonly value: ValueShape;
}

/** Holds (value 1) unless the workload recorded a finding of the operation; then 0. Not a gate: it is weighed. */
export interface CapabilityCriterion extends CriterionBase {
  readonly kind: 'capability';
  readonly workload: string;
  readonly operation: string;
}

export interface JudgedCriterion extends CriterionBase {
  readonly kind: 'judged';
  readonly unit: string;
  readonly value: ValueShape;
  /** Alternative id to its range. Every alternative has one. */
  readonly judgements: Readonly<Record<string, JudgedRange>>;
}

export type Criterion = MeasuredCriterion | CapabilityCriterion | JudgedCriterion;

/** A capability that must hold. An alternative that fails it is shown and marked, and never wins. */
export interface Gate {
  readonly id: string;
  readonly title: string;
  readonly workload: string;
  readonly operation: string;
  readonly rationale: string;
}

export interface Profile {
  readonly id: string;
  readonly title: string;
  readonly rationale: string;
  /** Of all criteria at once; of the top of the tree where `within` is there. */
  readonly weights: Weighting;
  /** Group id to the weights of its members, for every group. Absent: criteria are weighed at once, whatever groups they stand in. */
  readonly within?: Readonly<Record<string, Weighting>>;
  /** Why, by criterion or group id, where the author says so. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** A workload parameter and the range, in its own unit, in which flip points are looked for. */
export interface FlipRange {
  readonly workload: string;
  readonly parameter: string;
  readonly low: number;
  readonly high: number;
}

/** A grid over one parameter of a workload, or over two. It is run under every alternative and decides nothing. */
export interface Sweep {
  readonly id: string;
  readonly workload: string;
  /** What the author wants said of it, such as what was made smaller than in the study. */
  readonly because: string;
  /** Parameters that the study or the sweep sets, in their own units. */
  readonly parameters: Readonly<Record<string, number>>;
  /** One or two: the first goes from left to right. Values in ascending order, in the parameter's own unit. */
  readonly axes: readonly { readonly parameter: string; readonly values: readonly number[] }[];
  /** What is shown, at least one. */
  readonly metrics: readonly string[];
}

export interface Study {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** Markdown. */
  readonly description: string;
  readonly platform: string;
  /** The alternative that the others are compared with. */
  readonly baseline: string;
  readonly seed: number;
  /** Engine runs for each alternative and workload. Draw 0 has the platform's own costs; the others draw them from their ranges. */
  readonly draws: number;
  /** Samples of weights, judgements and draws in the decision. */
  readonly samples: number;
  readonly alternatives: readonly StudyAlternative[];
  readonly workloads: readonly StudyWorkload[];
  readonly gates: readonly Gate[];
  readonly criteria: readonly Criterion[];
  /** Ids of criteria and groups as a tree, where a profile weighs groups. */
  readonly tree?: readonly WeighedNode[];
  readonly profiles: readonly Profile[];
  readonly defaultProfile: string;
  /** Where flip points are looked for; without it a screening over all numeric parameters picks. */
  readonly flips?: readonly FlipRange[];
  readonly sweeps?: readonly Sweep[];
}
