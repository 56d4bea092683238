import type { Finding } from '../finding.js';

/** Work in steps on virtual time. All that it knows between two steps are fields of its own, which a checkpoint holds. */
export interface Steps<Result> {
  /** The moment at which the next step is due, in nanoseconds. */
  readonly nextNs: number;
  /** Does it, when that has come, or gives the work up for a reason. What came of it all, or null where there is more to do. */
  step(reason: Finding | null): Result | null;
}
