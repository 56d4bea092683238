import { Event, Mechanism } from '../host/events.js';
import type { Link } from '../devices/link.js';
import { Socket } from '../devices/socket.js';
import type { Domain } from '../domain/domain.js';
import { type ForeignMapping, mapForeign } from '../domain/foreign-mapping.js';
import type { GuestProgram } from '../domain/program.js';
import { type Finding, isFinding } from '../finding.js';
import { NO_FRAME, type Pfn } from '../host/frame-number.js';
import { arrive, leaveTarget, prepareTarget } from './arrival.js';
import { destroyDomain } from './destroy.js';
import { beginLogDirty, endLogDirty, harvestDirty, peekDirty } from './log-dirty.js';
import { refusesMigration } from './migration-refusal.js';
import { canonicalise, rebuild } from './page-tables-in-transit.js';
import { type MigrationTool, type StopReason, TOOL_2006 } from './pre-copy-rule.js';
import { TransferPipeline } from './transfer-pipeline.js';
import { type Verification, verifyContents } from './verify-contents.js';

/** Pages in a batch of the migration tool (xg_save_restore.h; the same in 2006). */
export const BATCH_PAGES = 1024;

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

export interface MigrationRound {
  readonly sent: number;
  readonly skipped: number;
  readonly durationNs: number;
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

interface Batch {
  readonly pfns: readonly Pfn[];
  readonly mapping: ForeignMapping;
  readonly targetMapping: ForeignMapping;
  readonly mappedNs: number;
  /** Time the target spent on mapping, due before its first page. */
  readonly targetMapNs: number;
}

/**
 * Moves a running guest to another host by pre-copy: rounds of what was written since, until the stop rule holds, then
 * stop-and-copy. Whatever the guest's and the control domains' models cannot do comes back as a finding, and then the
 * guest goes on where it is.
 */
export const migrate = (request: MigrationRequest): Migration | Finding => {
  const { guest, program, control, targetControl, link, tool = TOOL_2006 } = request;
  const { simulation } = guest.host;
  const { clock, platform } = simulation;
  const targetHost = targetControl.host;

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
  const sendSocket = new Socket(control);
  const receiveSocket = new Socket(targetControl);
  beginLogDirty(control, guest, stall);

  const pipeline = new TransferPipeline(
    {
      pageNs: (platform.pageBytes * 8 * 1e9) / link.bitsPerSecond,
      latencyNs: link.latencyNs,
      bufferPages: platform.socketBufferPages,
    },
    startNs,
  );
  pipeline.mapping(control.account.cpuNs - controlBeforeNs);

  const spent = (account: Domain['account'], work: () => void): number => {
    const before = account.cpuNs;
    work();
    return account.cpuNs - before;
  };

  const sendPage = (batch: Batch, index: number): void => {
    const readNs = pipeline.readStartNs(batch.mappedNs);
    clock.advanceTo(readNs);
    const pfn = batch.pfns[index];
    const source = batch.mapping.read(index);
    const table = guest.host.tables.get(source);
    let entries: Uint32Array | null = null;
    const canonicaliseNs = spent(control.account, () => {
      if (table !== undefined) entries = canonicalise(control, guest, table);
    });
    let sent = 0;
    const sendNs = spent(control.account, () => {
      sent = sendSocket.send(guest.host.frames.contents(source));
    });
    const message = link.carry({ pfn, stamp: sent, entries });
    const receiveNs = spent(targetControl.account, () => {
      if (message === null) return;
      const target = batch.targetMapping.write(index, receiveSocket.receive(message.stamp));
      if (message.entries === null) targetHost.tables.delete(target);
      else targetHost.tables.set(target, rebuild(targetControl, arriving, message.entries));
    });
    pipeline.page(readNs, { canonicaliseNs, sendNs, receiveNs: receiveNs + (index === 0 ? batch.targetMapNs : 0) });
  };

  /** Sends what is due, a batch mapped ahead of the one being sent. While the guest runs, pages dirty again are left. */
  const sendRound = (due: readonly Pfn[], running: boolean): MigrationRound | Finding => {
    const roundStartNs = pipeline.sentNs;
    let cursor = 0;
    let skipped = 0;
    let batches = 0;

    const nextBatch = (): Batch | Finding | null => {
      if (cursor >= due.length) return null;
      clock.advanceTo(pipeline.mapStartNs);
      const before = control.account.cpuNs;
      const dirty = running && tool.skipsDirtyAgain ? peekDirty(control, guest) : null;
      const batch: Pfn[] = [];
      while (cursor < due.length && batch.length < BATCH_PAGES) {
        const pfn = due[cursor];
        cursor += 1;
        if (guest.model.machineFrame(pfn) === NO_FRAME) continue;
        if (dirty?.has(pfn) === true) skipped += 1;
        else batch.push(pfn);
      }
      const firstPage = (batches % 2) * BATCH_PAGES;
      batches += 1;
      control.account.charge(Mechanism.foreignMap, Event.hypercall);
      const mapping = mapForeign(control, guest, batch, { writable: false, firstPage });
      if (isFinding(mapping)) return mapping;
      const targetBefore = targetControl.account.cpuNs;
      const missing = batch.filter((pfn) => arriving.model.machineFrame(pfn) === NO_FRAME);
      const targetMapping =
        arriving.model.populateFrames(missing) ??
        mapForeign(targetControl, arriving, batch, { writable: true, firstPage });
      if (isFinding(targetMapping)) {
        mapping.unmap();
        return targetMapping;
      }
      return {
        pfns: batch,
        mapping,
        targetMapping,
        mappedNs: pipeline.mapping(control.account.cpuNs - before),
        targetMapNs: targetControl.account.cpuNs - targetBefore,
      };
    };

    const unmapBatch = (batch: Batch): void => {
      const sentNs = pipeline.sentNs;
      const serviceNs = spent(control.account, () => batch.mapping.unmap());
      pipeline.mapping(serviceNs, sentNs);
      pipeline.receiving(spent(targetControl.account, () => batch.targetMapping.unmap()));
    };

    let sent = 0;
    let batch = nextBatch();
    while (batch !== null) {
      if (isFinding(batch)) return batch;
      const following = nextBatch();
      if (following !== null && isFinding(following)) {
        unmapBatch(batch);
        return following;
      }
      for (let index = 0; index < batch.pfns.length; index += 1) sendPage(batch, index);
      sent += batch.pfns.length;
      unmapBatch(batch);
      batch = following;
    }
    return { sent, skipped, durationNs: pipeline.sentNs - roundStartNs };
  };

  const rounds: MigrationRound[] = [];
  let sentInAll = 0;
  let stopReason: StopReason | null = null;

  const giveUp = (finding: Finding): Finding => {
    endLogDirty(control, guest, stall);
    sendSocket.close();
    receiveSocket.close();
    leaveTarget(arriving, targetControl);
    if (stopReason !== null && program !== undefined) {
      program.moveTo(guest, clock.nowNs);
      clock.start(program);
    }
    enter('after migration');
    return { ...finding, operation: 'migrate' };
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
    const round = sendRound(due, true);
    if (isFinding(round)) return giveUp(round);
    rounds.push(round);
    sentInAll += round.sent;
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
  const last = sendRound(harvest(), false);
  if (isFinding(last)) return giveUp(last);
  rounds.push(last);
  sentInAll += last.sent;

  let pinNs = 0;
  const resumeNs = spent(targetControl.account, () => {
    pinNs = spent(arriving.account, () => arrive(guest, arriving, targetControl));
  });
  const resumedNs = Math.max(pipeline.receivedNs, pipeline.sentNs) + resumeNs + pinNs;
  clock.advanceTo(resumedNs);
  const verification = verifyContents(arriving);
  sendSocket.close();
  receiveSocket.close();
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
