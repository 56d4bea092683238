import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type Finding, isFinding } from '../finding.js';
import { NO_FRAME, type Pfn } from '../host/frame-number.js';
import { peekDirty } from './log-dirty.js';
import { type Batch, BATCH_PAGES, type PageTransfer, checkpointBatch, linkFailed } from './page-transfer.js';

export interface MigrationRound {
  readonly sent: number;
  readonly skipped: number;
  /** Since the migration began. */
  readonly startNs: number;
  readonly durationNs: number;
}

/**
 * The pages that are due in one round of a migration: batch by batch, the next one mapped before one is sent, page by page.
 * With `skipsDirtyAgain`, pages that are dirty again when their batch is made are left for later.
 */
export class TransferRound implements Checkpointed {
  readonly #transfer: PageTransfer;
  #due: readonly Pfn[];
  #skipsDirtyAgain: boolean;
  #startNs: number;
  /** How many of those due have been put into batches or skipped. */
  #seen = 0;
  #batches = 0;
  #skipped = 0;
  #sent = 0;
  #sending: Batch | null = null;
  /** Pages of that batch that have been sent. */
  #index = 0;
  #following: Batch | null = null;
  /** A page was lost with the link, which the sender has yet to notice. */
  #isLost = false;

  constructor(transfer: PageTransfer, due: readonly Pfn[], skipsDirtyAgain: boolean) {
    this.#transfer = transfer;
    this.#due = due;
    this.#skipsDirtyAgain = skipsDirtyAgain;
    this.#startNs = transfer.pipeline.sentNs;
  }

  /** Whether all that was due has been sent. */
  get isOver(): boolean {
    return this.#sending === null && !this.#wantsBatch;
  }

  /** What was done, once it is over; `sinceNs` is when the migration began. */
  totals(sinceNs: number): MigrationRound {
    const { sentNs } = this.#transfer.pipeline;
    const startNs = this.#startNs;
    return { sent: this.#sent, skipped: this.#skipped, startNs: startNs - sinceNs, durationNs: sentNs - startNs };
  }

  /** When the next step is due, as long as it is not over. */
  get nextNs(): number {
    const { pipeline } = this.#transfer;
    if (this.#isLost) return pipeline.downNs;
    return this.#wantsBatch ? pipeline.mapStartNs : pipeline.readStartNs(this.#sending!.mapped);
  }

  /** Maps a batch or sends a page, whichever is due. */
  step(): Finding | null {
    if (this.#isLost) return linkFailed(this.#transfer.ends.guest);
    if (this.#wantsBatch) {
      const batch = this.#nextBatch();
      if (isFinding(batch)) return batch;
      if (this.#sending === null) this.#sending = batch;
      else this.#following = batch;
    } else {
      this.#isLost = !this.#transfer.send(this.#sending!, this.#index);
      if (!this.#isLost) this.#index += 1;
    }
    this.#endBatch();
    return null;
  }

  /** Unmaps what is mapped. */
  close(): void {
    for (const batch of [this.#sending, this.#following]) if (batch !== null) this.#transfer.unmap(batch);
  }

  checkpoint(archive: Archive): void {
    this.#due = archive.numbers('due', this.#due);
    this.#skipsDirtyAgain = archive.value('skipsDirtyAgain', this.#skipsDirtyAgain);
    this.#startNs = archive.value('startNs', this.#startNs);
    this.#seen = archive.value('seen', this.#seen);
    this.#batches = archive.value('batches', this.#batches);
    this.#skipped = archive.value('skipped', this.#skipped);
    this.#sent = archive.value('sent', this.#sent);
    this.#index = archive.value('index', this.#index);
    this.#isLost = archive.value('isLost', this.#isLost);
    const mapped = [this.#sending, this.#following].filter((batch) => batch !== null);
    [this.#sending = null, this.#following = null] = archive.list('mapped', mapped, checkpointBatch);
  }

  get #wantsBatch(): boolean {
    return this.#seen < this.#due.length && (this.#sending === null || this.#following === null);
  }

  #nextBatch(): Batch | Finding {
    const { guest, control } = this.#transfer.ends;
    const due = this.#due;
    const beforeNs = control.account.cpuNs;
    const dirty = this.#skipsDirtyAgain ? peekDirty(control, guest) : null;
    const pfns: Pfn[] = [];
    for (; this.#seen < due.length && pfns.length < BATCH_PAGES; this.#seen += 1) {
      const pfn = due[this.#seen];
      if (guest.model.machineFrame(pfn) === NO_FRAME) continue;
      if (dirty?.has(pfn) === true) this.#skipped += 1;
      else pfns.push(pfn);
    }
    this.#batches += 1;
    return this.#transfer.map(pfns, this.#batches % 2, beforeNs);
  }

  /** The batch is done with when all of it is sent and the one after it has been mapped. */
  #endBatch(): void {
    while (this.#sending !== null && this.#index === this.#sending.pfns.length && !this.#wantsBatch) {
      this.#sent += this.#index;
      this.#index = 0;
      this.#transfer.unmap(this.#sending);
      this.#sending = this.#following;
      this.#following = null;
    }
  }
}
