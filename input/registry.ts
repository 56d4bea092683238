import type { Cases } from './platform-conditions.js';

/** What a study is checked against, handed in by whoever knows the engine and the workloads. Types only. */

export interface RegisteredParameter {
  readonly default: number;
  readonly unit: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface RegisteredWorkload {
  readonly id: string;
  readonly parameters: Readonly<Record<string, RegisteredParameter>>;
  readonly metrics: Readonly<Record<string, { readonly unit: string }>>;
}

export interface RegisteredModel {
  readonly id: string;
  /** Option to the values that it may have. */
  readonly options: Readonly<Record<string, readonly (string | boolean)[]>>;
}

export interface RegisteredPlatform {
  readonly id: string;
  /** What it leaves open, with the values that it may have. */
  readonly conditions: Readonly<Record<string, { readonly values: readonly string[]; readonly default: string }>>;
  /** Model to role to whether it was ever there. */
  readonly models: Readonly<Record<string, Readonly<Record<string, 'exists' | 'hypothetical'>>>>;
  /** Model to role to the cases under one of which it is there. */
  readonly onlyWith: Readonly<Record<string, Readonly<Record<string, Cases>>>>;
  /** What a role has that an alternative does not name. */
  readonly defaultModels: Readonly<Record<string, { readonly model: string }>>;
}

/** The platforms that there are; one is read when a study names it. */
export interface RegisteredPlatforms {
  readonly ids: readonly string[];
  readonly read: (id: string) => RegisteredPlatform;
}

/** What a study may name. A list that is left out is not checked. */
export interface Registry {
  readonly workloads: readonly RegisteredWorkload[];
  readonly platforms?: RegisteredPlatforms;
  readonly models?: readonly RegisteredModel[];
  /** Operations that a model may refuse: what gates and capabilities ask about. */
  readonly operations?: readonly string[];
}
