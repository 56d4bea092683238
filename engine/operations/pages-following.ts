import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type ForeignMapping, mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import type { PagesLeftBehind } from '../models/overcommit.js';
import { Place } from '../models/page-places.js';
import { BATCH_PAGES, type MigrationEnds, spent } from './page-transfer.js';
import { pathOver, type TransferPath } from './transfer-path.js';
import { type MappedBatch, TransferPipeline } from './transfer-pipeline.js';

/** What arrived of a page: its contents, and its entries where it is a page table. */
interface Arrived {
  readonly stamp: number;
  readonly entries: Uint32Array | null;
}

/**
 * Pages of a stopped guest that go to the domain where it runs or is about to: in batches of its tool's, or one that it waits for,
 * which comes next on the wire.
 */
export class PagesFollowing implements PagesLeftBehind, Checkpointed {
  readonly ends: MigrationEnds;
  readonly pipeline: TransferPipeline;
  readonly #path: TransferPath;
  #fetched = 0;
  #askedControlNs = 0;
  #askedTargetNs = 0;

  constructor(ends: MigrationEnds, stoppedNs: number) {
    const { platform } = ends.guest.host.simulation;
    this.ends = ends;
    this.#path = pathOver(ends.link, platform, { limiter: null, isOneThread: false });
    this.pipeline = new TransferPipeline(this.#path, stoppedNs);
  }

  /** Pages that the guest asked for. */
  get fetched(): number {
    return this.#fetched;
  }

  /** CPU time that the control domains spent on those. */
  get asked(): { readonly controlNs: number; readonly targetNs: number } {
    return { controlNs: this.#askedControlNs, targetNs: this.#askedTargetNs };
  }

  isLeftBehind(pfn: Pfn): boolean {
    return this.ends.arriving.model.overcommit!.places.at(pfn) === Place.leftBehind;
  }

  /** Maps pages at the source. */
  map(pfns: readonly Pfn[]): { readonly mapping: ForeignMapping; readonly mapped: MappedBatch } | Finding {
    const { guest, control } = this.ends;
    const before = control.account.cpuNs;
    control.account.charge(Mechanism.foreignMap, Event.hypercall);
    const mapping = mapForeign(control, guest, pfns, { writable: false, firstPage: this.#firstPage });
    if (isFinding(mapping)) return mapping;
    return { mapping, mapped: this.pipeline.mapping(control.account.cpuNs - before) };
  }

  unmap(mapping: ForeignMapping): void {
    this.pipeline.unmapping(spent(this.ends.control.account, () => mapping.unmap()));
  }

  /** Sends a page of a mapped batch; false when it was lost with the link. */
  send(pfn: Pfn, mapped: MappedBatch, read: () => number): boolean {
    const { control, targetControl } = this.ends;
    const readNs = this.pipeline.readStartNs(mapped);
    let message: Arrived | null = null;
    const sendNs = spent(control.account, () => {
      message = this.#carry(pfn, read());
    });
    if (!this.pipeline.page(mapped, readNs, { canonicaliseNs: 0, sendNs })) return false;
    this.pipeline.received(spent(targetControl.account, () => this.#put(pfn, message)));
    return true;
  }

  contents(pfn: Pfn): number {
    const { host, model } = this.ends.guest;
    return host.frames.contents(model.machineFrame(pfn));
  }

  fetch(pfn: Pfn): Finding | null {
    const { guest, arriving, control, targetControl, link } = this.ends;
    const { pageBytes } = guest.host.simulation.platform;
    let message: Arrived | null = null;
    const askedNs = arriving.momentNs + link.latencyNs;
    const serviceNs = spent(control.account, () => {
      control.account.charge(Mechanism.foreignMap, Event.hypercall);
      const firstPage = this.#firstPage + BATCH_PAGES;
      const mapping = mapForeign(control, guest, [pfn], { writable: false, firstPage });
      if (isFinding(mapping)) throw new Error(mapping.detail);
      message = this.#carry(pfn, guest.host.frames.contents(mapping.read(0)));
      mapping.unmap();
    });
    this.#askedControlNs += serviceNs;
    const throughNs = this.#path.wire.carry(pageBytes, askedNs + serviceNs);
    if (throughNs === Infinity) {
      const detail = `page ${pfn} of ${guest.name} stayed on ${guest.host.name}`;
      return { operation: 'access', model: guest.model.id, rule: 'page-left-behind', detail };
    }
    const receiveNs = spent(targetControl.account, () => this.#put(pfn, message));
    this.#askedTargetNs += receiveNs;
    arriving.momentNs = Math.max(arriving.momentNs, throughNs + link.latencyNs + receiveNs);
    this.#fetched += 1;
    return null;
  }

  /** Gives the socket buffers back. */
  close(): void {
    this.ends.sender.close();
    this.ends.receiver.close();
  }

  checkpoint(archive: Archive): void {
    archive.track(this);
    archive.part('pipeline', this.pipeline);
    this.#fetched = archive.value('fetched', this.#fetched);
    this.#askedControlNs = archive.value('askedControlNs', this.#askedControlNs);
    this.#askedTargetNs = archive.value('askedTargetNs', this.#askedTargetNs);
  }

  get #firstPage(): number {
    return 2 * this.ends.window.source * BATCH_PAGES;
  }

  /** The page on its way to the other side, or null when it was lost. */
  #carry(pfn: Pfn, stamp: number): Arrived | null {
    const { guest, link, sender } = this.ends;
    const table = guest.host.tables.get(guest.model.machineFrame(pfn));
    return link.carry({ pfn, stamp: sender.send(stamp), entries: table?.slice() ?? null });
  }

  #put(pfn: Pfn, message: Arrived | null): void {
    if (message === null) return;
    const { arriving, targetControl, receiver } = this.ends;
    const { host, model } = arriving;
    const stamp = receiver.receive(message.stamp);
    targetControl.account.charge(Mechanism.populate, Event.hypercall);
    targetControl.account.charge(Mechanism.copy, Event.pageCopy);
    if (this.isLeftBehind(pfn)) model.overcommit!.deliver(pfn, stamp);
    else host.frames.setContents(model.machineFrame(pfn), stamp);
    if (message.entries !== null) host.tables.set(model.machineFrame(pfn), message.entries);
  }
}
