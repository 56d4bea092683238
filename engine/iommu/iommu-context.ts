import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import type { DmaDevice } from '../devices/dma-device.js';
import type { Domain } from '../domain/domain.js';
import { entryFrame, isWritable } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import { FrameState, FrameType } from '../host/frame-table.js';
import { offsetAt, pagesAt } from '../paging/format.js';
import { type RadixMemory, RadixTable } from '../paging/radix-table.js';
import { MachineTableFrames } from '../paging/table-frames.js';
import type { AddressSpace } from '../paging/walk.js';
import { giveOutAgain } from './invalidation-queue.js';
import type { Iommu } from './iommu.js';

/** What the tables of a context hold. */
export type IommuHolds =
  /** Every frame that was installed, but for the hypervisor's image: what Xen gives an x86 domain0 by default. */
  | 'all RAM'
  /** The frames of the domain, and those that it was given. No page table of its own that the hypervisor checks. */
  | 'own'
  /** The second stage itself: the IOMMU walks the domain's nested tables, as Xen shares them where it can (`sharept`). */
  | 'second stage'
  /** What the domain's drivers have mapped at the moment. */
  | 'buffers';

/** By which numbers a context's devices name pages: machine frames, guest frames, or addresses that a driver gave out. */
export type BusNumbers = 'machine' | 'guest' | 'given out';

/**
 * The table of an IOMMU that stands between a domain's devices and memory. Its pages come from the host's heap. A change that needs
 * a page and finds none takes away more than it should, and never leaves more.
 */
export class IommuContext {
  readonly iommu: Iommu;
  readonly domain: Domain;
  readonly holds: IommuHolds;
  readonly numbers: BusNumbers;
  readonly table: RadixTable;
  readonly space: AddressSpace;
  #stores = 0;
  #shortages = 0;

  /** Null when the host has no frame for the root. Where the second stage is shared, the domain has one. */
  static create(iommu: Iommu, domain: Domain, holds: IommuHolds): IommuContext | null {
    if (holds === 'second stage') {
      const { rootFrame } = domain.model.secondStage!.table;
      return new IommuContext(iommu, domain, holds, { tag: iommu.newTag(), rootFrame });
    }
    const rootFrame = tableFrames(iommu, domain).newTable();
    return rootFrame === NO_FRAME ? null : new IommuContext(iommu, domain, holds, { tag: iommu.newTag(), rootFrame });
  }

  /** One of those that a host has; on the way in `context` is null. What its table holds is saved with the host's tables. */
  static checkpoint(archive: Archive, context: IommuContext | null): IommuContext {
    const [iommu] = archive.tracked('iommu', context === null ? [] : [context.iommu]);
    const domain = checkpointDomain(archive, 'domain', context?.domain ?? null);
    const holds = archive.value('holds', context?.holds ?? 'own');
    const tag = archive.value('tag', context?.space.tag ?? 0);
    const rootFrame = archive.value('rootFrame', context?.table.rootFrame ?? 0);
    const made = context ?? new IommuContext(iommu, domain, holds, { tag, rootFrame });
    made.#stores = archive.value('stores', made.#stores);
    made.#shortages = archive.value('shortages', made.#shortages);
    archive.track(made);
    return made;
  }

  private constructor(iommu: Iommu, domain: Domain, holds: IommuHolds, space: AddressSpace) {
    const { model } = domain;
    this.iommu = iommu;
    this.domain = domain;
    this.holds = holds;
    const machine = holds === 'all RAM' || model.id === 'direct' || model.tablesHoldMachineFrames;
    this.numbers = machine ? 'machine' : 'guest';
    if (holds === 'buffers') this.numbers = 'given out';
    this.space = space;
    const memory = tableFrames(iommu, domain);
    const counted: RadixMemory = {
      entriesAt: (frame) => memory.entriesAt(frame),
      newTable: () => memory.newTable(),
      freeTable: (frame) => memory.freeTable(frame),
      store: (frame, index, entry) => {
        this.#stores += 1;
        memory.store(frame, index, entry);
      },
    };
    this.table =
      holds === 'second stage'
        ? domain.model.secondStage!.table
        : new RadixTable(iommu.format, counted, space.rootFrame);
    iommu.contexts.set(this.space.tag, this);
  }

  /** How often a change found no frame for a page of the table: since then some entries may be missing. */
  get shortages(): number {
    return this.#shortages;
  }

  /** Pages of its table; none where it is the second stage's. */
  get tablePages(): number {
    if (this.holds === 'second stage') return 0;
    return this.table.count().tables.reduce((sum, count) => sum + count, 0);
  }

  /** The frame that its table gives for a page, or `NO_FRAME`. */
  frameAt(page: number): Mfn {
    const level = this.table.leafLevel(page);
    if (level < 0) return asMfn(NO_FRAME);
    return asMfn(entryFrame(this.table.leafEntry(page)) + offsetAt(this.iommu.format, page, level));
  }

  /** Puts frames that follow each other at pages that hold nothing, in entries as large as fit. False when no table page was left. */
  setRun(page: number, mfn: Mfn, count: number, writable: boolean): boolean {
    for (const range of this.iommu.queue.ranges) {
      if (range.context !== this || range.page >= page + count || range.page + range.mfns.length <= page) continue;
      this.iommu.flush(this.domain.account);
      break;
    }
    const done = this.#charged(() => this.table.mapRun(page, mfn, count, writable));
    if (done) {
      this.#makeLarge(page, count);
    } else {
      this.#shortages += 1;
      this.clearRun(page, count, null);
    }
    return done;
  }

  /** Puts one frame at a page, in place of what was there. */
  set(page: number, mfn: Mfn, writable: boolean): boolean {
    const before = this.frameAt(page);
    if (before === mfn && isWritable(this.table.leafEntry(page)) === writable) return true;
    if (before !== NO_FRAME) this.clearRun(page, 1, null);
    return this.setRun(page, mfn, 1, writable);
  }

  /** Takes out pages and has them invalidated together. The device that gave their addresses out gets them back after that. */
  clearRun(page: number, count: number, givenOutBy: DmaDevice | null): void {
    const mfns = Array.from({ length: count }, (_, offset) => this.frameAt(page + offset));
    let at = page;
    this.#charged(() => {
      while (at < page + count) at += this.#takeOut(at, page + count - at);
    });
    const range = { context: this, page, mfns, givenOutBy };
    if (mfns.some((mfn) => mfn !== NO_FRAME)) this.iommu.invalidate(range, this.domain.account);
    else giveOutAgain(range);
    this.#giveEmptyTablesBack(page, count);
  }

  /** A frame may be another domain's now, or another guest frame, or a page table: what the table holds of it follows. */
  follow(mfn: Mfn, guestFrame: Pfn): void {
    const { frames } = this.domain.host;
    if (this.holds === 'all RAM') {
      const isThere = this.frameAt(mfn) !== NO_FRAME;
      const installed = frames.state(mfn) !== FrameState.notInstalled;
      if (installed && !isThere && frames.state(mfn) !== FrameState.reserved) this.set(mfn, mfn, true);
      if (!installed && isThere) this.clearRun(mfn, 1, null);
      return;
    }
    const own = frames.owner(mfn) === this.domain.id;
    if (this.holds === 'own' && this.numbers === 'machine') this.#followMachine(mfn, own);
    if (this.holds === 'own' && this.numbers === 'guest') this.#followGuest(mfn, guestFrame, own);
    if (!own && !this.domain.foreign.has(mfn)) this.iommu.exposures.gaveUp(this, mfn);
  }

  /**
   * The second stage gives another frame for a guest frame, or less rights to any, where `page` is null. An IOTLB that translates by it drops
   * that at once, whatever the invalidation, as Xen flushes both together.
   */
  secondStageChanged(page: Pfn | null): void {
    if (this.holds === 'second stage') this.iommu.drop(this, page, this.domain.account);
  }

  /** A frame of another domain stands at a guest frame now, or `NO_FRAME` when it does no more. Only where those are the addresses. */
  foreignAt(guestFrame: Pfn, mfn: Mfn, writable: boolean): void {
    if (this.holds !== 'own' || this.numbers !== 'guest') return;
    const before = this.frameAt(guestFrame);
    if (mfn !== NO_FRAME) {
      this.set(guestFrame, mfn, writable);
    } else if (before !== NO_FRAME) {
      this.clearRun(guestFrame, 1, null);
      this.iommu.exposures.gaveUp(this, before);
    }
  }

  /** Whether its devices may read and write the frame under a strict table. */
  rightTo(mfn: Mfn): 'none' | 'read' | 'write' {
    const { host, id, foreign } = this.domain;
    if (host.frames.owner(mfn) === id) {
      const type = host.frames.type(mfn);
      return type === FrameType.none || type === FrameType.writable ? 'write' : 'none';
    }
    if (!foreign.has(mfn)) return 'none';
    return foreign.canWrite(mfn) ? 'write' : 'read';
  }

  /** Takes everything out, flushes, and gives the table's pages back. */
  dispose(): void {
    if (this.holds !== 'second stage') this.table.release();
    this.iommu.contexts.delete(this.space.tag);
    this.iommu.flush(this.domain.account);
  }

  #followMachine(mfn: Mfn, own: boolean): void {
    const { frames } = this.domain.host;
    const right = own && frames.guestFrame(mfn) === NO_FRAME ? 'none' : this.rightTo(mfn);
    if (right !== 'none') this.set(mfn, mfn, right === 'write');
    else if (this.frameAt(mfn) !== NO_FRAME) this.clearRun(mfn, 1, null);
  }

  #followGuest(mfn: Mfn, guestFrame: Pfn, own: boolean): void {
    const now = own ? this.domain.host.frames.guestFrame(mfn) : NO_FRAME;
    if (guestFrame !== NO_FRAME && guestFrame !== now && this.frameAt(guestFrame) === mfn) {
      this.clearRun(guestFrame, 1, null);
    }
    if (now !== NO_FRAME && this.domain.model.machineFrame(asPfn(now)) === mfn) this.set(now, mfn, true);
  }

  /** Whether its tables are the hypervisor's, and heal. */
  get #heals(): boolean {
    const isFollowed = this.holds === 'own' || this.holds === 'all RAM';
    return isFollowed && this.iommu.host.simulation.platform.iommuTables === 'healed';
  }

  #giveEmptyTablesBack(page: number, count: number): void {
    if (!this.#heals) return;
    this.#tablesWent(sum(this.#tablesOf(page, count), (first) => this.table.prune(first)));
  }

  /** Pages may complete a run that one large entry can hold. */
  #makeLarge(page: number, count: number): void {
    if (!this.#heals) return;
    this.#tablesWent(sum(this.#tablesOf(page, count), (first) => (this.table.collapse(first, 1) ? 1 : 0)));
  }

  /** The first page of each lowest table that pages are in. */
  #tablesOf(page: number, count: number): number[] {
    const size = pagesAt(this.iommu.format, 1);
    const first = page - (page % size);
    return Array.from({ length: Math.ceil((page + count - first) / size) }, (_, table) => first + table * size);
  }

  /** An entry was stored in place of each, and all that the IOMMU knows of tables is flushed. */
  #tablesWent(count: number): void {
    if (count === 0) return;
    this.domain.account.charge(Mechanism.iommu, Event.iommuStore, count);
    this.iommu.flush(this.domain.account);
  }

  /** Takes out the entry of a page, or a part of it when it is larger than `limit` pages; returns how many pages went. */
  #takeOut(page: number, limit: number): number {
    const { format } = this.iommu;
    const level = this.table.leafLevel(page);
    if (level < 0) return 1;
    const size = pagesAt(format, level);
    const whole = page % size === 0 && limit >= size;
    if (whole) {
      this.table.unmap(page, level);
      return size;
    }
    if (!this.table.unmap(page, 0)) this.#takeOutAll(page - offsetAt(format, page, level), level);
    return 1;
  }

  /** There is no frame to break a large entry with: all of it goes. */
  #takeOutAll(page: number, level: number): void {
    this.#shortages += 1;
    const size = pagesAt(this.iommu.format, level);
    const mfns = Array.from({ length: size }, (_, offset) => this.frameAt(page + offset));
    this.table.unmap(page, level);
    this.iommu.invalidate({ context: this, page, mfns, givenOutBy: null }, this.domain.account);
  }

  #charged<Result>(change: () => Result): Result {
    const before = this.#stores;
    const result = change();
    const stores = this.#stores - before;
    if (stores > 0) this.domain.account.charge(Mechanism.iommu, Event.iommuStore, stores);
    return result;
  }
}

/** Where the tables of all contexts are: in frames from the host's heap. */
const tableFrames = ({ host, format }: Iommu, domain: Domain): MachineTableFrames =>
  new MachineTableFrames(
    format,
    {
      take: () => host.hypervisor.takeFrame('IOMMU table', domain.id),
      giveBack: (frame) => host.hypervisor.giveBackFrame(asMfn(frame)),
    },
    host.tables,
  );

const sum = (tables: readonly number[], of: (first: number) => number): number =>
  tables.reduce((total, first) => total + of(first), 0);
