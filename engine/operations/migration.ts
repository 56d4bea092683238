import type { Link } from '../devices/link.js';
import type { Domain } from '../domain/domain.js';
import type { GuestProgram } from '../domain/program.js';
import type { Elapsed } from './critical-path.js';
import type { Finding } from '../finding.js';
import { MigrationSession } from './migration-session.js';
import type { MigrationRound } from './transfer-round.js';
import type { MigrationTool, StopReason } from './pre-copy-rule.js';
import type { Verification } from './verify-contents.js';

export interface MigrationRequest {
  readonly guest: Domain;
  /** What runs in the guest, if anything does. */
  readonly program?: GuestProgram;
  /** The control domain of the guest's host, and that of the host it moves to. */
  readonly control: Domain;
  readonly targetControl: Domain;
  readonly link: Link;
  /** The tool of January 2006 unless another is named. */
  readonly tool?: MigrationTool;
}

export interface Migration {
  /** The guest in its new home. */
  readonly guest: Domain;
  readonly totalNs: number;
  readonly downtimeNs: number;
  /**
   * The time until the guest was stopped, its downtime, and what came after (with post-copy), each by what bounded it: a sum
   * of parts.
   */
  readonly elapsed: { readonly untilStop: Elapsed; readonly downtime: Elapsed; readonly afterwards: Elapsed };
  /** The last one is stop-and-copy. */
  readonly rounds: readonly MigrationRound[];
  readonly pagesSent: number;
  readonly stopReason: StopReason;
  /** CPU time that the source's and the target's control domain spent on it. */
  readonly controlCpuNs: number;
  readonly targetControlCpuNs: number;
  readonly verification: Verification;
}

/** A migration but for the CPU time that it took, which is counted around its steps. */
export type Moved = Omit<Migration, 'controlCpuNs' | 'targetControlCpuNs'> & {
  /** CPU time that was spent between the steps, on pages that the guest asked for. */
  readonly asked?: { readonly controlNs: number; readonly targetNs: number };
};

/**
 * Moves a running guest to another host by pre-copy: rounds of what was written since, until the stop rule holds, then
 * stop-and-copy. Whatever the guest's and the control domains' models cannot do, or a link that fails, comes back as a
 * finding, and then the guest goes on where it is.
 */
export const migrate = (request: MigrationRequest): Migration | Finding => migrateTogether([request])[0];

/** Moves several guests at the same time, each step of each in the order of virtual time. */
export const migrateTogether = (requests: readonly MigrationRequest[]): (Migration | Finding)[] => {
  const sessions = requests.map((request) => MigrationSession.begin(request));
  for (;;) {
    const [first, ...others] = sessions.filter(({ result }) => result === null);
    if (first === undefined) return sessions.map(({ result }) => result!);
    others.reduce((next, each) => (each.nextNs < next.nextNs ? each : next), first).step();
  }
};
