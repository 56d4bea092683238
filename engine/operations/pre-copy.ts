import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { arrive, leaveTarget, prepareTarget } from './arrival.js';
import { NO_TIME } from './critical-path.js';
import { destroyDomain } from './destroy.js';
import { recordOf } from './guest-record.js';
import { beginLogDirty, endLogDirty, harvestDirty } from './log-dirty.js';
import type { Migration, MigrationRequest } from './migration.js';
import { type MigrationRound, PageTransfer, spent } from './page-transfer.js';
import { type StopReason, TOOL_2006 } from './pre-copy-rule.js';
import { RateLimiter } from './rate-limiter.js';
import type { Steps } from './steps.js';
import { verifyContents } from './verify-contents.js';

/** A migration but for the CPU time that it took, which is counted around its steps. */
export type PreCopied = Omit<Migration, 'controlCpuNs' | 'targetControlCpuNs'> & {
  /** CPU time that was spent between the steps, on pages that the guest asked for. */
  readonly asked?: { readonly controlNs: number; readonly targetNs: number };
};

/** Pre-copy in steps. Nothing stands in its way when it begins; `window` is its own on both hosts. */
export function* preCopy(
  request: MigrationRequest,
  window: { readonly source: number; readonly target: number },
): Steps<PreCopied | Finding> {
  const { guest, program, control, targetControl, link, tool = TOOL_2006 } = request;
  const { clock, platform } = guest.host.simulation;
  const startNs = clock.nowNs;
  const stall = (ns: number): void => program?.stall(ns);
  const beforeNs = control.account.cpuNs;
  const record = recordOf(guest);
  const { pfns } = record;
  const arriving = prepareTarget(record, targetControl);
  if (isFinding(arriving)) return arriving;

  const limiter = tool.limitsRate ? new RateLimiter() : null;
  const transfer = new PageTransfer(
    { guest, arriving, control, targetControl, link, limiter, window, isOneThread: tool.isOneThread },
    startNs,
  );
  const { pipeline } = transfer;
  const unlogged = beginLogDirty(control, guest, stall);
  if (unlogged !== null) {
    transfer.close();
    leaveTarget(arriving, targetControl);
    return unlogged;
  }
  pipeline.mapping(control.account.cpuNs - beforeNs);
  const rounds: MigrationRound[] = [];
  let sentInAll = 0;
  let isStopped = false;

  const giveUp = (finding: Finding): Finding => {
    endLogDirty(control, guest, stall);
    transfer.close();
    leaveTarget(arriving, targetControl);
    if (!isStopped) return finding;
    const resumeNs = spent(control.account, () => control.account.charge(Mechanism.suspend, Event.resume));
    if (program !== undefined) {
      program.moveTo(guest, clock.nowNs + resumeNs);
      clock.start(program);
    }
    return finding;
  };

  const harvest = (): Pfn[] => {
    let dirty: Pfn[] = [];
    const serviceNs = spent(control.account, () => {
      dirty = harvestDirty(control, guest, stall);
    });
    pipeline.hold('harvest', serviceNs);
    return dirty;
  };

  const keep = (round: MigrationRound): MigrationRound => {
    rounds.push(round);
    sentInAll += round.sent;
    return round;
  };

  let due: readonly Pfn[] = pfns;
  let stopReason: StopReason | null = null;
  let sentLastRound = Infinity;
  while (stopReason === null) {
    const round = yield* transfer.round(due, tool.skipsDirtyAgain);
    if (isFinding(round)) return giveUp(round);
    keep(round);
    stopReason = tool.stopRule({
      round: rounds.length,
      sentThisRound: round.sent,
      sentLastRound,
      skippedThisRound: round.skipped,
      sentInAll,
      guestPages: pfns.length,
      dirtyPages: guest.dirtyLog!.dirty().length,
      rateIsAtMost: limiter?.isAtMost ?? false,
    });
    sentLastRound = round.sent;
    if (stopReason !== null) break;
    const reason = yield pipeline.sentNs;
    if (reason !== null) return giveUp(reason);
    due = harvest();
    limiter?.adapt(due.length * platform.pageBytes, round.durationNs);
  }

  pipeline.hold(
    'suspend',
    spent(control.account, () => control.account.charge(Mechanism.suspend, Event.suspend)),
  );
  const stoppedNs = pipeline.sentNs;
  const untilStop = pipeline.restart();
  const stopping = yield stoppedNs;
  if (stopping !== null) return giveUp(stopping);
  if (program !== undefined) clock.stop(program);
  isStopped = true;
  const last = yield* transfer.round(harvest(), false);
  if (isFinding(last)) return giveUp(last);
  keep(last);

  const leaving = yield pipeline.finish().atNs;
  if (leaving !== null) return giveUp(leaving);
  if (pipeline.isDown) return giveUp(transfer.linkFailed());
  let pinNs = 0;
  const resumeNs = spent(targetControl.account, () => {
    pinNs = spent(arriving.account, () => arrive(recordOf(guest), arriving, targetControl));
  });
  const arrived = pipeline.finish();
  const resumedNs = arrived.atNs + resumeNs + pinNs;
  yield resumedNs;
  const verification = verifyContents(arriving);
  transfer.close();
  endLogDirty(control, guest, stall);
  destroyDomain(guest, control.account);
  if (program !== undefined) {
    program.moveTo(arriving, resumedNs);
    clock.start(program);
  }
  return {
    guest: arriving,
    totalNs: resumedNs - startNs,
    downtimeNs: resumedNs - stoppedNs,
    elapsed: { untilStop, downtime: { ...arrived.elapsed, resume: resumeNs + pinNs }, afterwards: NO_TIME },
    rounds,
    pagesSent: sentInAll,
    stopReason,
    verification,
  };
}
