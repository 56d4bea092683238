/** What the stop rule looks at, at the end of a round. */
export interface RoundTotals {
  /** Rounds done, 1 or more. */
  readonly round: number;
  readonly sentThisRound: number;
  /** In the round before; Infinity in the first one. */
  readonly sentLastRound: number;
  /** Pages that were due in this round but already dirty again when their batch was made. */
  readonly skippedThisRound: number;
  readonly sentInAll: number;
  readonly guestPages: number;
  /** Pages in the dirty log at the end of the round. */
  readonly dirtyPages: number;
  /** Whether a rate limiter lets through as much as it ever will; false where there is none. */
  readonly rateIsAtMost: boolean;
}

export type StopReason = 'few pages left' | 'round limit' | 'sent limit' | 'more pages at full rate' | 'post-copy';

/** Why pre-copy stops after this round, or null to go on. */
export type StopRule = (totals: RoundTotals) => StopReason | null;

/**
 * The rule of Xen's tool of January 2006 (xc_linux_save.c): fewer than 50 pages sent and skipped in the round; or 29
 * rounds; or more than 3 times the guest sent; or, where the rate limiter is at its most, more sent than in the round before.
 */
export const stopRule2006: StopRule = (totals) => {
  const { round, sentThisRound, sentLastRound, skippedThisRound, sentInAll, guestPages, rateIsAtMost } = totals;
  if (sentThisRound + skippedThisRound < 50) return 'few pages left';
  if (round >= 29) return 'round limit';
  if (sentInAll > 3 * guestPages) return 'sent limit';
  return rateIsAtMost && sentThisRound > sentLastRound ? 'more pages at full rate' : null;
};

/** The rule of today's tool (xg_sr_save.c): fewer than 50 pages dirty, or 5 rounds. */
export const stopRuleToday: StopRule = ({ round, dirtyPages }) => {
  if (dirtyPages < 50) return 'few pages left';
  return round >= 5 ? 'round limit' : null;
};

/** What tells one migration tool from another. */
export interface MigrationTool {
  readonly stopRule: StopRule;
  /** Whether it leaves out pages that are dirty again when their batch is made, while the guest runs. */
  readonly skipsDirtyAgain: boolean;
  /** Whether it holds itself back to the adaptive rate of 2006. */
  readonly limitsRate: boolean;
  /** Whether one thread maps, canonicalises and sends; otherwise these overlap. */
  readonly isOneThread: boolean;
  /** Whether it stops the guest first and lets its pages follow: none of the above counts then. */
  readonly postCopies: boolean;
}

export const TOOL_2006: MigrationTool = {
  stopRule: stopRule2006,
  skipsDirtyAgain: true,
  limitsRate: false,
  isOneThread: false,
  postCopies: false,
};
/** Built with its rate limiter, which stock Xen was not (MIG-07). */
export const TOOL_2006_ADAPTIVE: MigrationTool = { ...TOOL_2006, limitsRate: true };
export const TOOL_TODAY: MigrationTool = {
  stopRule: stopRuleToday,
  skipsDirtyAgain: false,
  limitsRate: false,
  isOneThread: false,
  postCopies: false,
};
/** Xen has none: its tables of VP guests would allow it. */
export const TOOL_POST_COPY: MigrationTool = { ...TOOL_TODAY, postCopies: true };
