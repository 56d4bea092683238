import type { Link } from '../devices/link.js';
import type { Domain } from '../domain/domain.js';
import type { GuestProgram } from '../domain/program.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { arrive, leaveTarget, prepareTarget } from './arrival.js';
import { destroyDomain } from './destroy.js';
import { beginLogDirty, endLogDirty, harvestDirty } from './log-dirty.js';
import { refusesMigration } from './migration-refusal.js';
import { type MigrationRound, PageTransfer, spent } from './page-transfer.js';
import { type MigrationTool, type StopReason, TOOL_2006 } from './pre-copy-rule.js';
import { type Verification, verifyContents } from './verify-contents.js';

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
  /** The last one is stop-and-copy. */
  readonly rounds: readonly MigrationRound[];
  readonly pagesSent: number;
  readonly stopReason: StopReason;
  /** CPU time that the source's and the target's control domain spent on it. */
  readonly controlCpuNs: number;
  readonly targetControlCpuNs: number;
  readonly verification: Verification;
}

/**
 * Moves a running guest to another host by pre-copy: rounds of what was written since, until the stop rule holds, then
 * stop-and-copy. Whatever the guest's and the control domains' models cannot do comes back as a finding, and then the
 * guest goes on where it is.
 */
export const migrate = (request: MigrationRequest): Migration | Finding => {
  const { guest, program, control, targetControl, link, tool = TOOL_2006 } = request;
  const { clock } = guest.host.simulation;
  const refusal = refusesMigration(request);
  if (refusal !== null) return refusal;

  const startNs = clock.nowNs;
  const accounts = [control.account, targetControl.account, guest.account];
  const enter = (phase: string): void => accounts.forEach((account) => account.enter(phase));
  enter('migration');
  const controlBeforeNs = control.account.cpuNs;
  const targetBeforeNs = targetControl.account.cpuNs;
  const stall = (ns: number): void => program?.stall(ns);

  const pfns = guest.model.ownedFrames();
  const arriving = prepareTarget(guest, targetControl, pfns);
  if (isFinding(arriving)) {
    enter('after migration');
    return { ...arriving, operation: 'migrate' };
  }
  const transfer = new PageTransfer({ guest, arriving, control, targetControl, link }, startNs);
  const { pipeline } = transfer;
  beginLogDirty(control, guest, stall);
  pipeline.mapping(control.account.cpuNs - controlBeforeNs);

  const rounds: MigrationRound[] = [];
  let sentInAll = 0;
  let stopReason: StopReason | null = null;

  const giveUp = (finding: Finding): Finding => {
    endLogDirty(control, guest, stall);
    transfer.close();
    leaveTarget(arriving, targetControl);
    if (stopReason !== null && program !== undefined) {
      program.moveTo(guest, clock.nowNs);
      clock.start(program);
    }
    enter('after migration');
    return { ...finding, operation: 'migrate' };
  };

  const send = (due: readonly Pfn[], skipsDirtyAgain: boolean): Finding | MigrationRound => {
    const round = transfer.round(due, skipsDirtyAgain);
    if (isFinding(round)) return giveUp(round);
    rounds.push(round);
    sentInAll += round.sent;
    return round;
  };

  const harvest = (): Pfn[] => {
    const atNs = pipeline.sentNs;
    clock.advanceTo(atNs);
    let dirty: Pfn[] = [];
    const serviceNs = spent(control.account, () => {
      dirty = harvestDirty(control, guest, stall);
    });
    pipeline.holdUntil(atNs + serviceNs);
    return dirty;
  };

  let due: readonly Pfn[] = pfns;
  while (stopReason === null) {
    const round = send(due, tool.skipsDirtyAgain);
    if (isFinding(round)) return round;
    stopReason = tool.stopRule({
      round: rounds.length,
      sentThisRound: round.sent,
      skippedThisRound: round.skipped,
      sentInAll,
      guestPages: pfns.length,
      dirtyPages: guest.dirtyLog!.dirty().length,
    });
    if (stopReason === null) due = harvest();
  }

  const stoppedNs =
    pipeline.sentNs + spent(control.account, () => control.account.charge(Mechanism.suspend, Event.suspend));
  pipeline.holdUntil(stoppedNs);
  clock.advanceTo(stoppedNs);
  if (program !== undefined) clock.stop(program);
  const last = send(harvest(), false);
  if (isFinding(last)) return last;

  let pinNs = 0;
  const resumeNs = spent(targetControl.account, () => {
    pinNs = spent(arriving.account, () => arrive(guest, arriving, targetControl));
  });
  const resumedNs = Math.max(pipeline.receivedNs, pipeline.sentNs) + resumeNs + pinNs;
  clock.advanceTo(resumedNs);
  const verification = verifyContents(arriving);
  transfer.close();
  endLogDirty(control, guest, stall);
  destroyDomain(guest, control.account);
  if (program !== undefined) {
    program.moveTo(arriving, resumedNs);
    clock.start(program);
  }
  const controlCpuNs = control.account.cpuNs - controlBeforeNs;
  const targetControlCpuNs = targetControl.account.cpuNs - targetBeforeNs;
  enter('after migration');
  return {
    guest: arriving,
    totalNs: resumedNs - startNs,
    downtimeNs: resumedNs - stoppedNs,
    rounds,
    pagesSent: sentInAll,
    stopReason,
    controlCpuNs,
    targetControlCpuNs,
    verification,
  };
};
