import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import { Socket } from '../devices/socket.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { arrive, leaveTarget, prepareTarget } from './arrival.js';
import { type Elapsed, NO_TIME } from './critical-path.js';
import { takeDown } from './destroy.js';
import { recordOf } from './guest-record.js';
import { beginLogDirty, endLogDirty, harvestDirty } from './log-dirty.js';
import type { MigrationRequest, Moved } from './migration.js';
import { PageTransfer, linkFailed, spent } from './page-transfer.js';
import { type StopReason, TOOL_2006 } from './pre-copy-rule.js';
import { RateLimiter } from './rate-limiter.js';
import type { Steps } from './steps.js';
import { type MigrationRound, TransferRound } from './transfer-round.js';
import type { MoveWindow } from './under-way.js';
import { refusesAsTied } from './tied-to-host.js';
import { verifyContents } from './verify-contents.js';

/** Where it stands: what its next step does. */
type Phase = 'round' | 'harvest' | 'suspend' | 'last round' | 'resume' | 'run';

/**
 * Pre-copy in steps: rounds of what was written since, while the guest runs, until the stop rule holds; then the guest stops and
 * the last round goes over.
 */
export class PreCopy implements Steps<Moved | Finding> {
  readonly #request: MigrationRequest;
  readonly #transfer: PageTransfer;
  #startNs: number;
  #phase: Phase = 'round';
  #round: TransferRound;
  #guestPages: number;
  #rounds: MigrationRound[] = [];
  #sentInAll = 0;
  #sentLastRound = Infinity;
  #stopReason: StopReason | null = null;
  #stoppedNs = 0;
  #untilStop: Elapsed = NO_TIME;
  /** Time that resuming takes on the target, with pinning. */
  #resumeNs = 0;
  #resumedNs = 0;

  private constructor(request: MigrationRequest, transfer: PageTransfer, pfns: readonly Pfn[]) {
    const { guest, tool = TOOL_2006 } = request;
    this.#request = request;
    this.#transfer = transfer;
    this.#startNs = guest.host.simulation.clock.nowNs;
    this.#guestPages = pfns.length;
    this.#round = new TransferRound(transfer, pfns, tool.skipsDirtyAgain);
  }

  /** Nothing stands in its way when it begins; `window` is its own on both hosts. */
  static begin(request: MigrationRequest, window: MoveWindow): PreCopy | Finding {
    const { guest, program, control, targetControl } = request;
    const beforeNs = control.account.cpuNs;
    const record = recordOf(guest);
    const arriving = prepareTarget(record, targetControl);
    if (isFinding(arriving)) return arriving;
    const transfer = transferTo(request, window, arriving, [Socket.open(control), Socket.open(targetControl)]);
    const unlogged = beginLogDirty(control, guest, (ns) => program?.stall(ns));
    if (unlogged !== null) {
      transfer.close();
      leaveTarget(arriving, targetControl);
      return unlogged;
    }
    transfer.pipeline.mapping(control.account.cpuNs - beforeNs);
    const begun = new PreCopy(request, transfer, record.pfns);
    begun.#goOn(null);
    return begun;
  }

  get nextNs(): number {
    const { pipeline } = this.#transfer;
    switch (this.#phase) {
      case 'round':
      case 'last round':
        return this.#round.nextNs;
      case 'harvest':
        return pipeline.sentNs;
      case 'suspend':
        return this.#stoppedNs;
      case 'resume':
        return pipeline.finish().atNs;
      default:
        return this.#resumedNs;
    }
  }

  step(reason: Finding | null): Moved | Finding | null {
    if (this.#phase === 'run') return this.#run();
    if (reason !== null) return this.#giveUp(reason);
    switch (this.#phase) {
      case 'round':
      case 'last round':
        return this.#goOn(this.#round.step());
      case 'harvest':
        return this.#nextRound();
      case 'suspend':
        return this.#lastRound();
      default:
        return this.#resume();
    }
  }

  /** One that is under way, over a link and by a tool that its maker makes anew; on the way in `own` is null. */
  static checkpoint(archive: Archive, own: PreCopy | null, request: MigrationRequest, window: MoveWindow): PreCopy {
    const ends = own === null ? null : own.#transfer.ends;
    const arriving = checkpointDomain(archive, 'arriving', ends?.arriving ?? null);
    const sockets = archive.list('sockets', ends === null ? [] : [ends.sender, ends.receiver], (each, socket) =>
      Socket.checkpoint(each, socket),
    );
    const made = own ?? new PreCopy(request, transferTo(request, window, arriving, sockets), []);
    archive.part('transfer', made.#transfer);
    archive.part('round', made.#round);
    made.#phase = archive.value('phase', made.#phase);
    made.#startNs = archive.value('startNs', made.#startNs);
    made.#guestPages = archive.value('guestPages', made.#guestPages);
    made.#rounds = archive.data('rounds', made.#rounds);
    made.#sentInAll = archive.value('sentInAll', made.#sentInAll);
    made.#sentLastRound = archive.value('sentLastRound', made.#sentLastRound);
    made.#stopReason = archive.value('stopReason', made.#stopReason);
    made.#stoppedNs = archive.value('stoppedNs', made.#stoppedNs);
    made.#untilStop = archive.data('untilStop', made.#untilStop);
    made.#resumeNs = archive.value('resumeNs', made.#resumeNs);
    made.#resumedNs = archive.value('resumedNs', made.#resumedNs);
    return made;
  }

  readonly #stall = (ns: number): void => this.#request.program?.stall(ns);

  #goOn(refusal: Finding | null): Finding | null {
    if (refusal !== null) return this.#giveUp(refusal);
    if (!this.#round.isOver) return null;
    const round = this.#round.totals(this.#startNs);
    this.#rounds.push(round);
    this.#sentInAll += round.sent;
    if (this.#phase === 'last round') this.#phase = 'resume';
    else this.#endRound(round);
    return null;
  }

  #endRound({ sent, skipped }: MigrationRound): void {
    const { guest, control, tool = TOOL_2006 } = this.#request;
    const { pipeline, ends } = this.#transfer;
    this.#stopReason = tool.stopRule({
      round: this.#rounds.length,
      sentThisRound: sent,
      sentLastRound: this.#sentLastRound,
      skippedThisRound: skipped,
      sentInAll: this.#sentInAll,
      guestPages: this.#guestPages,
      dirtyPages: guest.dirtyLog!.dirty().length,
      rateIsAtMost: ends.limiter?.isAtMost ?? false,
    });
    this.#sentLastRound = sent;
    if (this.#stopReason === null) {
      this.#phase = 'harvest';
      return;
    }
    const suspendNs = spent(control.account, () => control.account.charge(Mechanism.suspend, Event.suspend));
    pipeline.hold('suspend', suspendNs);
    this.#stoppedNs = pipeline.sentNs;
    this.#untilStop = pipeline.restart();
    this.#phase = 'suspend';
  }

  #nextRound(): Finding | null {
    const { guest, tool = TOOL_2006 } = this.#request;
    const { pageBytes } = guest.host.simulation.platform;
    const due = this.#harvest();
    this.#transfer.ends.limiter?.adapt(due.length * pageBytes, this.#rounds.at(-1)!.durationNs);
    this.#round = new TransferRound(this.#transfer, due, tool.skipsDirtyAgain);
    this.#phase = 'round';
    return this.#goOn(null);
  }

  /** The guest stops. */
  #lastRound(): Finding | null {
    const { guest, program } = this.#request;
    if (program !== undefined) guest.host.simulation.clock.stop(program);
    this.#round = new TransferRound(this.#transfer, this.#harvest(), false);
    this.#phase = 'last round';
    return this.#goOn(null);
  }

  #resume(): Finding | null {
    const { guest, targetControl } = this.#request;
    const { pipeline, ends } = this.#transfer;
    const { arriving } = ends;
    if (pipeline.isDown) return this.#giveUp(linkFailed(guest));
    let pinNs = 0;
    const resumeNs = spent(targetControl.account, () => {
      pinNs = spent(arriving.account, () => arrive(recordOf(guest), arriving, targetControl));
    });
    this.#resumeNs = resumeNs + pinNs;
    this.#resumedNs = pipeline.finish().atNs + resumeNs + pinNs;
    this.#phase = 'run';
    return null;
  }

  /** All of the guest is in its new home, and it runs there, unless something ties it to where it was by now. */
  #run(): Moved | Finding {
    const { guest, program, control } = this.#request;
    const tied = refusesAsTied(guest, 'migrate');
    if (tied !== null) return this.#giveUp(tied);
    const { pipeline, ends } = this.#transfer;
    const { arriving } = ends;
    const resumedNs = this.#resumedNs;
    const verification = verifyContents(arriving);
    this.#transfer.close();
    endLogDirty(control, guest, this.#stall);
    takeDown(guest, control.account);
    if (program !== undefined) {
      program.moveTo(arriving, resumedNs);
      arriving.host.simulation.clock.start(program);
    }
    return {
      guest: arriving,
      totalNs: resumedNs - this.#startNs,
      downtimeNs: resumedNs - this.#stoppedNs,
      elapsed: {
        untilStop: this.#untilStop,
        downtime: { ...pipeline.finish().elapsed, resume: this.#resumeNs },
        afterwards: NO_TIME,
      },
      rounds: this.#rounds,
      pagesSent: this.#sentInAll,
      stopReason: this.#stopReason!,
      verification,
    };
  }

  /** The guest goes on where it is. */
  #giveUp(finding: Finding): Finding {
    const { guest, program, control, targetControl } = this.#request;
    const { clock } = guest.host.simulation;
    endLogDirty(control, guest, this.#stall);
    this.#round.close();
    this.#transfer.close();
    leaveTarget(this.#transfer.ends.arriving, targetControl);
    const isRunning = this.#phase === 'round' || this.#phase === 'harvest' || this.#phase === 'suspend';
    if (isRunning) return finding;
    const resumeNs = spent(control.account, () => control.account.charge(Mechanism.suspend, Event.resume));
    if (program !== undefined) {
      program.moveTo(guest, clock.nowNs + resumeNs);
      clock.start(program);
    }
    return finding;
  }

  /** Guest frames written since the last harvest. */
  #harvest(): Pfn[] {
    const { guest, control } = this.#request;
    let dirty: Pfn[] = [];
    const serviceNs = spent(control.account, () => {
      dirty = harvestDirty(control, guest, this.#stall);
    });
    this.#transfer.pipeline.hold('harvest', serviceNs);
    return dirty;
  }
}

const transferTo = (
  { guest, control, targetControl, link, tool = TOOL_2006 }: MigrationRequest,
  window: MoveWindow,
  arriving: Domain,
  [sender, receiver]: readonly Socket[],
): PageTransfer =>
  new PageTransfer(
    {
      guest,
      arriving,
      control,
      targetControl,
      link,
      sender,
      receiver,
      limiter: tool.limitsRate ? new RateLimiter() : null,
      isOneThread: tool.isOneThread,
      window,
    },
    guest.host.simulation.clock.nowNs,
  );
