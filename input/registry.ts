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
  /** Model to role to whether it was ever there. */
  readonly models: Readonly<Record<string, Readonly<Record<string, 'exists' | 'hypothetical'>>>>;
}

/** What a study may name. A list that is left out is not checked. */
export interface Registry {
  readonly workloads: readonly RegisteredWorkload[];
  readonly platforms?: readonly RegisteredPlatform[];
  readonly models?: readonly RegisteredModel[];
  /** Operations that a model may refuse: what gates and capabilities ask about. */
  readonly operations?: readonly string[];
}
