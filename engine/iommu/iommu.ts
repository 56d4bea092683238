import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Runnable } from '../host/clock.js';
import { Event, Mechanism } from '../host/events.js';
import type { Mfn } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import type { Account } from '../host/ledger.js';
import { type RadixFormat, offsetAt, prefixAt } from '../paging/format.js';
import { PagingUnit } from '../paging/paging-unit.js';
import { RadixTlb, type TlbArray } from '../paging/radix-tlb.js';
import { Fault, type FaultId } from '../paging/translation.js';
import { WalkCache } from '../paging/walk-cache.js';
import { ExposureLog } from './exposure-log.js';
import { InvalidationQueue, type StaleRange, giveOutAgain } from './invalidation-queue.js';
import type { IommuContext } from './iommu-context.js';

export interface IommuSpec {
  readonly name: string;
  /** Sets and ways of the IOTLB for entries of one page, and of a large one. */
  readonly iotlb: readonly TlbArray[];
  /** Entries of its walk cache by level, as for a `WalkCache`; null for none. */
  readonly walkCache: readonly number[] | null;
  /** `strict`: a page that leaves a table is out of the IOTLB at once. `deferred`: with many others, by one flush. */
  readonly invalidation: 'strict' | 'deferred';
}

/**
 * An IOMMU of a host: a table for each context, one IOTLB with tags for all of them, and a queue of what has left a table and is
 * still to be invalidated.
 */
export class Iommu implements Runnable, Checkpointed {
  readonly spec: IommuSpec;
  readonly host: Host;
  readonly format: RadixFormat;
  readonly tlb: RadixTlb;
  readonly queue = new InvalidationQueue();
  readonly exposures: ExposureLog;
  readonly contexts = new Map<number, IommuContext>();
  readonly #unit: PagingUnit;
  #lastTag = 0;

  constructor(host: Host, spec: IommuSpec) {
    const { arena, platform } = host.simulation;
    const { iotlb, walkCache, invalidation } = spec;
    this.host = host;
    this.spec = spec;
    host.dma.iommus.push(this);
    this.format = { levels: 4, indexBits: Math.log2(platform.pageBytes / 8), largestLeaf: 1 };
    this.tlb = new RadixTlb(arena, this.format, iotlb);
    this.exposures = new ExposureLog(this);
    this.#unit = new PagingUnit({
      format: this.format,
      machine: { entriesAt: (frame) => host.tables.get(frame) },
      tlb: this.tlb,
      walkCache: walkCache === null ? null : new WalkCache(arena, this.format, walkCache),
      setsFlags: false,
    });
    if (invalidation === 'deferred') host.simulation.clock.start(this);
  }

  get name(): string {
    return this.spec.name;
  }

  /** A tag for a new context. */
  newTag(): number {
    this.#lastTag += 1;
    return this.#lastTag;
  }

  /** Translates one access of a device. The frame is in `frame` unless it is a fault. `account` is the device's. */
  access(context: IommuContext, page: number, write: boolean, account: Account): FaultId {
    const { counts } = this.#unit;
    const misses = counts.tlbMisses;
    const references = counts.references;
    const fault = this.#unit.access(context.space, page, write);
    if (counts.tlbMisses > misses) account.charge(Mechanism.iommu, Event.iotlbMiss);
    if (counts.references > references) {
      account.charge(Mechanism.iommu, Event.iommuRead, counts.references - references);
    }
    if (fault === Fault.none) this.exposures.accessed(context, page);
    return fault;
  }

  /** What the last access found. */
  get frame(): number {
    return this.#unit.translation.frame;
  }

  /** Pages have left a context's table. Strict: they are out of the IOTLB when this returns. */
  invalidate(range: StaleRange, account: Account): void {
    if (this.spec.invalidation === 'deferred') {
      if (this.queue.isFull) this.flush(account);
      this.queue.add(range, this.host.simulation.clock.nowNs);
      return;
    }
    for (let offset = 0; offset < range.mfns.length; offset += 1) {
      this.#unit.flushPage(range.context.space.tag, range.page + offset);
    }
    account.charge(Mechanism.iommu, Event.iotlbInvalidation);
    giveOutAgain(range);
  }

  /** What the IOTLB has of a page of a context, or of all of them, is gone when this returns. */
  drop(context: IommuContext, page: number | null, account: Account): void {
    if (page === null) this.#unit.flushTag(context.space.tag);
    else this.#unit.flushPage(context.space.tag, page);
    account.charge(Mechanism.iommu, page === null ? Event.iotlbFlush : Event.iotlbInvalidation);
  }

  /** Flushes the whole IOTLB, and what waited for it. */
  flush(account: Account, nowNs: number = this.host.simulation.clock.nowNs): void {
    this.exposures.end(nowNs);
    this.#unit.flushAll();
    account.charge(Mechanism.iommu, Event.iotlbFlush);
    for (const range of this.queue.takeAll()) giveOutAgain(range);
  }

  /** The timer of deferred invalidation. */
  runUntil(untilNs: number): void {
    const due = this.queue.dueNs;
    if (due <= untilNs) this.flush(this.queue.ranges[0].context.domain.account, due);
  }

  /** Its contexts and their devices have been made. */
  checkpoint(archive: Archive): void {
    this.#lastTag = archive.value('lastTag', this.#lastTag);
    archive.part('unit', this.#unit);
    archive.part('queue', this.queue);
    archive.part('exposures', this.exposures);
  }

  /** The frame that the IOTLB has for a page, or −1. Leaves the order of replacement as it is. */
  cachedFrame({ space }: IommuContext, page: number): Mfn | -1 {
    const { tlb, format } = this;
    for (let slot = 0; slot < tlb.slots; slot += 1) {
      const level = tlb.level[slot];
      if (tlb.tag[slot] !== space.tag || tlb.prefix[slot] !== prefixAt(format, page, level)) continue;
      return (tlb.frame[slot] + offsetAt(format, page, level)) as Mfn;
    }
    return -1;
  }
}
