/** A decision on a plain table: any alternatives, any criteria, no engine. Types only. Ids are any text. */

import type { CriterionOutcome, Decision, ProfileOutcome } from './decision.js';
import type { ValueShape } from './value-shape.js';
import type { FigureRange, TreeWeights } from './weighting.js';

export interface TableCriterion {
  readonly id: string;
  readonly title: string;
  readonly kind: 'measured' | 'judged';
  readonly unit: string;
  readonly value: ValueShape;
  /** Alternative id to its figure; null where there is none. Every alternative has an entry. */
  readonly figures: Readonly<Record<string, FigureRange | null>>;
}

export interface TableGroup {
  readonly id: string;
  readonly title: string;
  readonly criteria: readonly TableNode[];
}

export type TableNode = TableCriterion | TableGroup;

/** An alternative that fails a gate is shown and never wins. */
export type TableGate =
  /** The whole range of the criterion's figure must keep the limit; where there is no figure the gate fails. */
  | {
      readonly kind: 'limit';
      readonly id: string;
      readonly title: string;
      readonly criterion: string;
      readonly atLeast: number | null;
      readonly atMost: number | null;
    }
  /** Alternative id to why it fails; the others pass. */
  | {
      readonly kind: 'stated';
      readonly id: string;
      readonly title: string;
      readonly fails: Readonly<Record<string, string>>;
    };

export interface TableProfile extends TreeWeights {
  readonly id: string;
  readonly title: string;
}

export interface DecisionTable {
  readonly title: string;
  readonly seed: number;
  readonly samples: number;
  readonly alternatives: readonly { readonly id: string; readonly title: string }[];
  readonly criteria: readonly TableNode[];
  readonly gates: readonly TableGate[];
  readonly profiles: readonly TableProfile[];
}

export interface TableCriterionOutcome extends CriterionOutcome {
  /** Ids of the groups above it, outermost first. */
  readonly group: readonly string[];
}

export interface TableAnalysis extends Pick<
  Decision,
  'samples' | 'seed' | 'rule' | 'gates' | 'inputs' | 'dominance' | 'dataWeights'
> {
  readonly title: string;
  readonly criteria: readonly TableCriterionOutcome[];
  readonly profiles: readonly ProfileOutcome[];
}
