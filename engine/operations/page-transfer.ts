import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Link } from '../devices/link.js';
import type { Socket } from '../devices/socket.js';
import type { Domain } from '../domain/domain.js';
import { ForeignMapping, mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Pfn } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';
import { canonicalise, rebuild } from './page-tables-in-transit.js';
import type { RateLimiter } from './rate-limiter.js';
import { pathOver } from './transfer-path.js';
import { type MappedBatch, TransferPipeline } from './transfer-pipeline.js';
import type { MoveWindow } from './under-way.js';

/** Pages in a batch of the migration tool (xg_save_restore.h; the same in 2006). */
export const BATCH_PAGES = 1024;

/** The four domains of a migration and what is between them. */
export interface MigrationEnds {
  readonly guest: Domain;
  readonly arriving: Domain;
  readonly control: Domain;
  readonly targetControl: Domain;
  readonly link: Link;
  readonly sender: Socket;
  readonly receiver: Socket;
  /** Which of the control domains' windows for batches it uses: migrations at the same time each have one. */
  readonly window: MoveWindow;
}

/** The same with what holds the tool back. */
export interface TransferEnds extends MigrationEnds {
  readonly limiter: RateLimiter | null;
  readonly isOneThread: boolean;
}

/** Pages that are mapped on both sides, to be sent. */
export interface Batch {
  readonly pfns: readonly Pfn[];
  readonly mapping: ForeignMapping;
  readonly targetMapping: ForeignMapping;
  readonly mapped: MappedBatch;
  /** Time the target spent on mapping, due before its first page. */
  readonly targetMapNs: number;
}

/** A batch that is mapped; on the way in `batch` is null. */
export const checkpointBatch = (archive: Archive, batch: Batch | null): Batch => {
  const [mapping, targetMapping] = archive.list(
    'mappings',
    batch === null ? [] : [batch.mapping, batch.targetMapping],
    (each, own) => ForeignMapping.checkpoint(each, own),
  );
  return {
    pfns: archive.numbers('pfns', batch?.pfns ?? []),
    mapping,
    targetMapping,
    mapped: archive.data('mapped', batch?.mapped ?? { atNs: 0, moment: 0 }),
    targetMapNs: archive.value('targetMapNs', batch?.targetMapNs ?? 0),
  };
};

/** The link is down: why the migration ends. */
export const linkFailed = ({ name, model }: Domain): Finding => {
  const detail = `the link failed while ${name} was on its way`;
  return { operation: 'migrate', model: model.id, rule: 'link-up', detail };
};

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
export class PageTransfer implements Checkpointed {
  readonly ends: TransferEnds;
  readonly pipeline: TransferPipeline;

  constructor(ends: TransferEnds, startNs: number) {
    const { platform } = ends.guest.host.simulation;
    const { link, limiter, isOneThread } = ends;
    this.ends = ends;
    this.pipeline = new TransferPipeline(pathOver(link, platform, { limiter, isOneThread }), startNs);
  }

  /** Gives the socket buffers back. */
  close(): void {
    this.ends.sender.close();
    this.ends.receiver.close();
  }

  /** Maps a batch on both sides; `before` is the control domain's CPU time when it began to make the batch. */
  map(pfns: readonly Pfn[], half: number, before: number): Batch | Finding {
    const { guest, arriving, control, targetControl, window } = this.ends;
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
    return {
      pfns,
      mapping,
      targetMapping,
      mapped: this.pipeline.mapping(control.account.cpuNs - before),
      targetMapNs: targetControl.account.cpuNs - targetBefore,
    };
  }

  unmap(batch: Batch): void {
    const { control, targetControl } = this.ends;
    this.pipeline.unmapping(spent(control.account, () => batch.mapping.unmap()));
    this.pipeline.receiving(spent(targetControl.account, () => batch.targetMapping.unmap()));
  }

  /** False when the page was lost with the link. */
  send(batch: Batch, index: number): boolean {
    const { guest, arriving, control, targetControl, link, sender, receiver } = this.ends;
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
      stamp = sender.send(stamp);
    });
    if (!this.pipeline.page(batch.mapped, readNs, { canonicaliseNs, sendNs })) return false;
    const message = link.carry({ pfn: batch.pfns[index], stamp, entries });
    const receiveNs = spent(targetControl.account, () => {
      if (message === null) return;
      const target = batch.targetMapping.write(index, receiver.receive(message.stamp));
      const { tables } = arriving.host;
      if (message.entries === null) tables.delete(target);
      else tables.set(target, rebuild(targetControl, arriving, message.entries));
    });
    this.pipeline.received(receiveNs + (index === 0 ? batch.targetMapNs : 0));
    return true;
  }

  checkpoint(archive: Archive): void {
    archive.part('pipeline', this.pipeline);
  }
}
