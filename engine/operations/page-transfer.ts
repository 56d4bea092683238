import type { Link } from '../devices/link.js';
import { Wire } from '../devices/wire.js';
import { Socket } from '../devices/socket.js';
import type { Domain } from '../domain/domain.js';
import { type ForeignMapping, mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Pfn } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';
import { peekDirty } from './log-dirty.js';
import { canonicalise, rebuild } from './page-tables-in-transit.js';
import type { RateLimiter } from './rate-limiter.js';
import type { Steps } from './steps.js';
import { type MappedBatch, TransferPipeline } from './transfer-pipeline.js';

/** Pages in a batch of the migration tool (xg_save_restore.h; the same in 2006). */
export const BATCH_PAGES = 1024;

export interface MigrationRound {
  readonly sent: number;
  readonly skipped: number;
  /** Since the migration began. */
  readonly startNs: number;
  readonly durationNs: number;
}

/** The four domains of a migration and what is between them. */
export interface TransferEnds {
  readonly guest: Domain;
  readonly arriving: Domain;
  readonly control: Domain;
  readonly targetControl: Domain;
  readonly link: Link;
  readonly limiter: RateLimiter | null;
  readonly isOneThread: boolean;
  /** Which of the control domains' windows for batches it uses: migrations at the same time each have one. */
  readonly window: { readonly source: number; readonly target: number };
}

interface Batch {
  readonly pfns: readonly Pfn[];
  readonly mapping: ForeignMapping;
  readonly targetMapping: ForeignMapping;
  readonly mapped: MappedBatch;
  /** Time the target spent on mapping, due before its first page. */
  readonly targetMapNs: number;
}

/** What a piece of work was charged to an account, in nanoseconds. */
export const spent = (account: Account, work: () => void): number => {
  const before = account.cpuNs;
  work();
  return account.cpuNs - before;
};

/**
 * Takes pages of a guest to the domain that it arrives in: batches mapped the way the control domains' models have to,
 * one ahead of the one being sent; page tables canonicalised; each page through a socket buffer, the link and a buffer on
 * the other side. The pipeline says when each page is read, and the guest runs up to that moment first.
 */
export class PageTransfer {
  readonly pipeline: TransferPipeline;
  readonly #ends: TransferEnds;
  readonly #sendSocket: Socket;
  readonly #receiveSocket: Socket;
  readonly #startNs: number;
  /** Batches that are mapped now. */
  readonly #mapped = new Set<Batch>();

  constructor(ends: TransferEnds, startNs: number) {
    const { platform } = ends.guest.host.simulation;
    const { link, limiter, isOneThread } = ends;
    this.#ends = ends;
    this.#startNs = startNs;
    this.#sendSocket = new Socket(ends.control);
    this.#receiveSocket = new Socket(ends.targetControl);
    this.pipeline = new TransferPipeline(
      {
        wire: link.wire ?? new Wire(link.bitsPerSecond),
        latencyNs: link.latencyNs,
        pageBytes: platform.pageBytes,
        bufferPages: platform.socketBufferPages,
        limiter,
        isOneThread,
      },
      startNs,
    );
  }

  /**
   * Sends what is due. With `skipsDirtyAgain`, pages that are dirty again when their batch is made are left for later. Each
   * step is due at the moment that is yielded.
   */
  *round(due: readonly Pfn[], skipsDirtyAgain: boolean): Steps<MigrationRound | Finding> {
    const startNs = this.pipeline.sentNs;
    const places = { next: 0, batches: 0, skipped: 0 };
    let sent = 0;
    let batch = yield* this.#nextBatch(due, skipsDirtyAgain, places);
    while (batch !== null) {
      if (isFinding(batch)) return batch;
      const following = yield* this.#nextBatch(due, skipsDirtyAgain, places);
      if (following !== null && isFinding(following)) return following;
      for (let index = 0; index < batch.pfns.length; index += 1) {
        const reason = yield this.pipeline.readStartNs(batch.mapped);
        if (reason !== null) return reason;
        if (this.#send(batch, index)) continue;
        yield this.pipeline.downNs;
        return this.linkFailed();
      }
      sent += batch.pfns.length;
      this.#unmap(batch);
      batch = following;
    }
    const durationNs = this.pipeline.sentNs - startNs;
    return { sent, skipped: places.skipped, startNs: startNs - this.#startNs, durationNs };
  }

  /** The link is down: why the migration ends. */
  linkFailed(): Finding {
    const { guest } = this.#ends;
    const detail = `the link failed while ${guest.name} was on its way`;
    return { operation: 'migrate', model: guest.model.id, rule: 'link-up', detail };
  }

  /** Unmaps what is mapped, and gives the socket buffers back. */
  close(): void {
    for (const batch of this.#mapped) this.#unmap(batch);
    this.#sendSocket.close();
    this.#receiveSocket.close();
  }

  *#nextBatch(
    due: readonly Pfn[],
    skipsDirtyAgain: boolean,
    places: { next: number; batches: number; skipped: number },
  ): Steps<Batch | Finding | null> {
    if (places.next >= due.length) return null;
    const { guest, control } = this.#ends;
    const reason = yield this.pipeline.mapStartNs;
    if (reason !== null) return reason;
    const before = control.account.cpuNs;
    const dirty = skipsDirtyAgain ? peekDirty(control, guest) : null;
    const pfns: Pfn[] = [];
    for (; places.next < due.length && pfns.length < BATCH_PAGES; places.next += 1) {
      const pfn = due[places.next];
      if (guest.model.machineFrame(pfn) === NO_FRAME) continue;
      if (dirty?.has(pfn) === true) places.skipped += 1;
      else pfns.push(pfn);
    }
    places.batches += 1;
    return this.#map(pfns, places.batches % 2, before);
  }

  /** Maps a batch on both sides; `before` is the control domain's CPU time when it began to make the batch. */
  #map(pfns: readonly Pfn[], half: number, before: number): Batch | Finding {
    const { guest, arriving, control, targetControl, window } = this.#ends;
    const firstPage = (own: number): number => (2 * own + half) * BATCH_PAGES;
    control.account.charge(Mechanism.foreignMap, Event.hypercall);
    const mapping = mapForeign(control, guest, pfns, { writable: false, firstPage: firstPage(window.source) });
    if (isFinding(mapping)) return mapping;
    const targetBefore = targetControl.account.cpuNs;
    const missing = pfns.filter((pfn) => arriving.model.machineFrame(pfn) === NO_FRAME);
    const targetMapping =
      arriving.model.populateFrames(missing) ??
      mapForeign(targetControl, arriving, pfns, { writable: true, firstPage: firstPage(window.target) });
    if (isFinding(targetMapping)) {
      mapping.unmap();
      return targetMapping;
    }
    const batch = {
      pfns,
      mapping,
      targetMapping,
      mapped: this.pipeline.mapping(control.account.cpuNs - before),
      targetMapNs: targetControl.account.cpuNs - targetBefore,
    };
    this.#mapped.add(batch);
    return batch;
  }

  #unmap(batch: Batch): void {
    const { control, targetControl } = this.#ends;
    this.#mapped.delete(batch);
    this.pipeline.unmapping(spent(control.account, () => batch.mapping.unmap()));
    this.pipeline.receiving(spent(targetControl.account, () => batch.targetMapping.unmap()));
  }

  /** False when the page was lost with the link. */
  #send(batch: Batch, index: number): boolean {
    const { guest, arriving, control, targetControl, link } = this.#ends;
    const readNs = this.pipeline.readStartNs(batch.mapped);
    let stamp = 0;
    let entries: Uint32Array | null = null;
    const canonicaliseNs = spent(control.account, () => {
      const source = batch.mapping.read(index);
      const table = guest.host.tables.get(source);
      stamp = guest.host.frames.contents(source);
      if (table !== undefined) entries = canonicalise(control, guest, table);
    });
    const sendNs = spent(control.account, () => {
      stamp = this.#sendSocket.send(stamp);
    });
    if (!this.pipeline.page(batch.mapped, readNs, { canonicaliseNs, sendNs })) return false;
    const message = link.carry({ pfn: batch.pfns[index], stamp, entries });
    const receiveNs = spent(targetControl.account, () => {
      if (message === null) return;
      const target = batch.targetMapping.write(index, this.#receiveSocket.receive(message.stamp));
      const { tables } = arriving.host;
      if (message.entries === null) tables.delete(target);
      else tables.set(target, rebuild(targetControl, arriving, message.entries));
    });
    this.pipeline.received(receiveNs + (index === 0 ? batch.targetMapNs : 0));
    return true;
  }
}
