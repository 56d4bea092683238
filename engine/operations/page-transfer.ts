import type { Link } from '../devices/link.js';
import { Socket } from '../devices/socket.js';
import type { Domain } from '../domain/domain.js';
import { type ForeignMapping, mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Pfn } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';
import { peekDirty } from './log-dirty.js';
import { canonicalise, rebuild } from './page-tables-in-transit.js';
import { TransferPipeline } from './transfer-pipeline.js';

/** Pages in a batch of the migration tool (xg_save_restore.h; the same in 2006). */
export const BATCH_PAGES = 1024;

export interface MigrationRound {
  readonly sent: number;
  readonly skipped: number;
  readonly durationNs: number;
}

/** The four domains of a migration and what is between them. */
export interface TransferEnds {
  readonly guest: Domain;
  readonly arriving: Domain;
  readonly control: Domain;
  readonly targetControl: Domain;
  readonly link: Link;
}

interface Batch {
  readonly pfns: readonly Pfn[];
  readonly mapping: ForeignMapping;
  readonly targetMapping: ForeignMapping;
  readonly mappedNs: number;
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

  constructor(ends: TransferEnds, startNs: number) {
    const { platform } = ends.guest.host.simulation;
    this.#ends = ends;
    this.#sendSocket = new Socket(ends.control);
    this.#receiveSocket = new Socket(ends.targetControl);
    this.pipeline = new TransferPipeline(
      {
        pageNs: (platform.pageBytes * 8 * 1e9) / ends.link.bitsPerSecond,
        latencyNs: ends.link.latencyNs,
        bufferPages: platform.socketBufferPages,
      },
      startNs,
    );
  }

  /** Sends what is due. With `skipsDirtyAgain`, pages that are dirty again when their batch is made are left for later. */
  round(due: readonly Pfn[], skipsDirtyAgain: boolean): MigrationRound | Finding {
    const startNs = this.pipeline.sentNs;
    let cursor = 0;
    let skipped = 0;
    let batches = 0;

    const nextBatch = (): Batch | Finding | null => {
      if (cursor >= due.length) return null;
      const { guest, control } = this.#ends;
      guest.host.simulation.clock.advanceTo(this.pipeline.mapStartNs);
      const before = control.account.cpuNs;
      const dirty = skipsDirtyAgain ? peekDirty(control, guest) : null;
      const pfns: Pfn[] = [];
      for (; cursor < due.length && pfns.length < BATCH_PAGES; cursor += 1) {
        const pfn = due[cursor];
        if (guest.model.machineFrame(pfn) === NO_FRAME) continue;
        if (dirty?.has(pfn) === true) skipped += 1;
        else pfns.push(pfn);
      }
      batches += 1;
      return this.#map(pfns, (batches % 2) * BATCH_PAGES, before);
    };

    let sent = 0;
    let batch = nextBatch();
    while (batch !== null) {
      if (isFinding(batch)) return batch;
      const following = nextBatch();
      if (following !== null && isFinding(following)) {
        this.#unmap(batch);
        return following;
      }
      for (let index = 0; index < batch.pfns.length; index += 1) this.#send(batch, index);
      sent += batch.pfns.length;
      this.#unmap(batch);
      batch = following;
    }
    return { sent, skipped, durationNs: this.pipeline.sentNs - startNs };
  }

  /** Gives the socket buffers back. */
  close(): void {
    this.#sendSocket.close();
    this.#receiveSocket.close();
  }

  /** Maps a batch on both sides; `before` is the control domain's CPU time when it began to make the batch. */
  #map(pfns: readonly Pfn[], firstPage: number, before: number): Batch | Finding {
    const { guest, arriving, control, targetControl } = this.#ends;
    control.account.charge(Mechanism.foreignMap, Event.hypercall);
    const mapping = mapForeign(control, guest, pfns, { writable: false, firstPage });
    if (isFinding(mapping)) return mapping;
    const targetBefore = targetControl.account.cpuNs;
    const missing = pfns.filter((pfn) => arriving.model.machineFrame(pfn) === NO_FRAME);
    const targetMapping =
      arriving.model.populateFrames(missing) ??
      mapForeign(targetControl, arriving, pfns, { writable: true, firstPage });
    if (isFinding(targetMapping)) {
      mapping.unmap();
      return targetMapping;
    }
    return {
      pfns,
      mapping,
      targetMapping,
      mappedNs: this.pipeline.mapping(control.account.cpuNs - before),
      targetMapNs: targetControl.account.cpuNs - targetBefore,
    };
  }

  #unmap({ mapping, targetMapping }: Batch): void {
    const { control, targetControl } = this.#ends;
    const sentNs = this.pipeline.sentNs;
    this.pipeline.mapping(
      spent(control.account, () => mapping.unmap()),
      sentNs,
    );
    this.pipeline.receiving(spent(targetControl.account, () => targetMapping.unmap()));
  }

  #send(batch: Batch, index: number): void {
    const { guest, arriving, control, targetControl, link } = this.#ends;
    const readNs = this.pipeline.readStartNs(batch.mappedNs);
    guest.host.simulation.clock.advanceTo(readNs);
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
    const message = link.carry({ pfn: batch.pfns[index], stamp, entries });
    const receiveNs = spent(targetControl.account, () => {
      if (message === null) return;
      const target = batch.targetMapping.write(index, this.#receiveSocket.receive(message.stamp));
      const { tables } = arriving.host;
      if (message.entries === null) tables.delete(target);
      else tables.set(target, rebuild(targetControl, arriving, message.entries));
    });
    const mappingNs = index === 0 ? batch.targetMapNs : 0;
    this.pipeline.page(readNs, { canonicaliseNs, sendNs, receiveNs: receiveNs + mappingNs });
  }
}
