import type { Platform } from '../engine/index.js';
import type { Roles } from '../workloads/lab.js';

/** One run, with all that it depends on: plain data, so that it can go to a worker. */
export interface RunTask {
  readonly key: string;
  readonly study: string;
  readonly alternative: string;
  readonly workload: string;
  /** The module of a user's workload, or null for a built-in one. */
  readonly code: string | null;
  readonly parameters: Readonly<Record<string, number>>;
  readonly roles: Roles;
  readonly platform: Platform;
  /** What the platform leaves open, as it is under the alternative. */
  readonly conditions: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly draw: number;
  readonly engineVersion: string;
}
