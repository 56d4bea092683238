import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from './events.js';
import type { Domain } from '../domain/domain.js';
import type { MemoryModel, ModelOptions } from '../models/model.js';
import type { Simulation } from '../simulation.js';
import { FrameState, FrameTable, FrameType, NO_OWNER, SCRUBBED } from './frame-table.js';
import { type Mfn, NO_FRAME, asMfn, hex } from './frame-number.js';
import type { FrameHeap } from './frame-heap.js';
import { Heap } from './heap.js';
import type { MemoryWatch } from '../numa/memory-watch.js';
import { MemoryOwner } from '../policy/memory-owner.js';
import { NodeHeap } from '../numa/node-heap.js';
import { nodeOf } from '../numa/node-of.js';
import { DmaSystem } from '../devices/dma-system.js';
import { HypervisorMemory, type HypervisorUse } from './hypervisor-memory.js';
import type { Account } from './ledger.js';
import { perFrameTablePages } from './per-frame-tables.js';
import type { BankLayout, PerFrameTable } from '../platform.js';
import { PagingDisk } from './paging-disk.js';
import { TableStore } from './table-store.js';

/** How a machine that is not plain came up: which allocator it has, and what boot left to it. */
export interface HostBoot {
  readonly heap: FrameHeap;
  /** Frames `first` to `end − 1` that the heap has from the start; the other installed ones are reserved. */
  readonly free: readonly { readonly first: number; readonly end: number }[];
  /** Frames that go back to the reserve and not to the heap when a domain gives them up. */
  readonly staysReserved: (mfn: Mfn) => boolean;
  /** Why its hypervisor saves and moves no domain and logs no writes: the rule, and a sentence. */
  readonly immobile: { readonly rule: string; readonly detail: string };
  /** How a direct-mapped domain is made here, where the platform has a way of its own. */
  readonly direct: (domain: Domain, options: ModelOptions) => MemoryModel;
}

/** One machine: banks of memory with holes between them, the frame table, the heap, and the domains that live there. */
export class Host implements Checkpointed {
  readonly name: string;
  readonly simulation: Simulation;
  readonly frames: FrameTable;
  readonly heap: FrameHeap;
  readonly hypervisor: HypervisorMemory;
  /** Set where the platform came up in a way of its own. */
  readonly boot: HostBoot | null;
  readonly domains = new Map<number, Domain>();
  /** Contents of frames that guests use as page-table pages, entry by entry. */
  readonly tables: TableStore;
  /** Devices that reach its memory, and what stands between. */
  readonly dma: DmaSystem;
  readonly #image: { readonly first: number; readonly end: number }[] = [];
  /** A disk that pages of guests can go to, where there is one. */
  pagingDisk: PagingDisk | null = null;
  /** The domain that owns all memory but a reserve, and decides who has which frames; null where the hypervisor does. */
  memoryOwner: MemoryOwner | null = null;
  /** Told of what drivers and devices read and write, as long as somebody listens. */
  memoryWatch: MemoryWatch | null = null;
  #banks: readonly BankLayout[] = [];
  #lastDomainId = 0;

  constructor(name: string, simulation: Simulation, boot: HostBoot | null = null) {
    this.name = name;
    this.simulation = simulation;
    simulation.hosts.push(this);
    this.boot = boot;
    this.frames = new FrameTable(simulation.arena);
    this.tables = new TableStore(simulation.arena);
    this.heap = boot?.heap ?? this.#plainHeap();
    this.hypervisor = new HypervisorMemory(this.frames, this.heap);
    this.dma = new DmaSystem(this);
    const { banks, pageBytes, hypervisorBytes } = simulation.platform;
    this.#banks = banks;
    let reserve = boot === null ? hypervisorBytes / pageBytes : Infinity;
    for (const bank of banks) {
      const first = bank.start / pageBytes;
      const count = bank.size / pageBytes;
      const reserved = Math.min(reserve, count);
      this.frames.setStates(first, first + reserved, FrameState.reserved);
      this.#image.push({ first, end: first + reserved });
      this.freeReserved(first + reserved, first + count);
      reserve -= reserved;
    }
    for (const { first, end } of boot?.free ?? []) this.freeReserved(first, end);
    const { frameTable, machineToPhysical } = simulation.platform;
    this.#boot('frame table', frameTable);
    this.#boot('m2p', machineToPhysical);
  }

  /** Whether the frame holds the hypervisor itself. Where boot had a way of its own: whether it is the hypervisor's. */
  isImage(mfn: Mfn): boolean {
    if (this.boot !== null) return this.frames.state(mfn) === FrameState.reserved;
    return this.#image.some(({ first, end }) => mfn >= first && mfn < end);
  }

  /** Banks that are plugged in now, in ascending order. */
  get banks(): readonly BankLayout[] {
    return this.#banks;
  }

  get installedFrames(): number {
    return this.#banks.reduce((sum, bank) => sum + bank.size, 0) / this.simulation.platform.pageBytes;
  }

  /** A bank was plugged in or taken out; the caller sees to the states of its frames. */
  setBanks(banks: readonly BankLayout[]): void {
    this.#banks = banks.toSorted((one, other) => one.start - other.start);
  }

  newDomainId(): number {
    this.#lastDomainId += 1;
    return this.#lastDomainId;
  }

  /** Who has the frame, in words for a finding. */
  describeOwner(mfn: Mfn): string {
    const state = this.frames.state(mfn);
    if (state === FrameState.notInstalled) return 'not installed';
    if (state === FrameState.free) return 'free';
    if (state === FrameState.reserved) return 'kept by the hypervisor';
    if (state === FrameState.shared) return 'shared';
    if (state === FrameState.offlined) return 'offline';
    return `owned by ${this.domains.get(this.frames.owner(mfn))?.name ?? 'a domain that is gone'}`;
  }

  /** Takes 2^order frames for the domain; `NO_FRAME` when the heap has no such chunk. */
  allocate(domain: Domain, order: number): Mfn {
    const first = this.#ownerFor(domain)?.allocate(order, domain) ?? this.#fromHeap(domain, order);
    if (first !== NO_FRAME) this.give(domain, first, 2 ** order);
    return first;
  }

  /**
   * Takes a frame out of the heap for a page of the domain's that is to lie elsewhere; `NO_FRAME` when there is none. Where a domain owns
   * memory, one of what it has, be the page another's or its own.
   */
  takeSpare(domain: Domain): Mfn {
    return this.memoryOwner?.allocate(0, domain) ?? this.heap.allocate(0);
  }

  /** Machine frames `first` to `end − 1` that the domain can have now. */
  spareWithin(domain: Domain, first: number, end: number): Mfn[] {
    const owner = this.#ownerFor(domain);
    if (owner !== null) return owner.freeWithin(first, end);
    const mfns: Mfn[] = [];
    for (let mfn = asMfn(first); mfn < end; mfn = asMfn(mfn + 1)) {
      if (this.heap.isFree(mfn) && (this.memoryOwner?.mayTake(mfns.length + 1) ?? true)) mfns.push(mfn);
    }
    return mfns;
  }

  /** The largest chunk that the domain may be given in one piece; −1 when nothing is free. */
  largestOrder(domain: Domain): number {
    const owner = this.#ownerFor(domain);
    if (owner !== null) return owner.largestOrder(domain);
    return Math.min(this.heap.largestOrder(), domain.affinity?.largestOrder() ?? Infinity);
  }

  /** Takes these very frames for the domain; false when one of them is not free. */
  allocateAt(domain: Domain, first: Mfn, order: number): boolean {
    const owner = this.#ownerFor(domain);
    if (owner === null && !this.#mayHave(domain, order)) return false;
    if (!(owner?.allocateAt(first, order, domain) ?? this.heap.allocateAt(first, order))) return false;
    this.give(domain, first, 2 ** order);
    return true;
  }

  /** Scrubs the frame and gives it back to the heap. The caller has seen to it that nobody else refers to it. */
  release(mfn: Mfn, payer: Account): void {
    if (this.frames.references(mfn) !== 1) throw new Error(`frame ${hex(mfn)} is still referred to`);
    if (this.frames.type(mfn) === FrameType.pageTable) this.frames.dropType(mfn);
    this.tables.delete(mfn);
    this.frames.setContents(mfn, SCRUBBED);
    this.frames.setGuestFrame(mfn, NO_FRAME);
    this.frames.addReferences(mfn, -1);
    const state = this.#stateOnceReleased(mfn);
    this.frames.setState(mfn, state, NO_OWNER);
    if (state === FrameState.free) this.heap.free(mfn, 0);
    payer.charge(Mechanism.populate, Event.pageScrub);
    payer.charge(Mechanism.populate, Event.pageAllocate);
  }

  checkpoint(archive: Archive): void {
    this.#lastDomainId = archive.value('lastDomainId', this.#lastDomainId);
    this.#banks = archive.data('banks', this.#banks);
    const slots = archive.value('diskSlots', this.pagingDisk?.slots ?? null);
    if (archive.reading) this.pagingDisk = slots === null ? null : new PagingDisk(this.simulation.arena, slots);
    if (this.pagingDisk !== null) archive.part('pagingDisk', this.pagingDisk);
    archive.part('frames', this.frames);
    archive.part('heap', this.heap);
    archive.part('hypervisor', this.hypervisor);
    archive.part('tables', this.tables);
    for (const [id, domain] of this.domains) archive.part(`domain ${id}`, domain);
    if (archive.reading) this.dma.resume();
    const { domain: owner, rules } = this.memoryOwner ?? { domain: null, rules: { keeps: 0, reserve: 0 } };
    const ownerId = archive.value('memoryOwner', owner?.id ?? null);
    const kept = archive.data('ownerRules', rules);
    if (archive.reading) this.memoryOwner = ownerId === null ? null : new MemoryOwner(this.domains.get(ownerId)!, kept);
    if (this.memoryOwner !== null) archive.part('owner', this.memoryOwner);
  }

  /** Who gives the domain its memory, where that is not the hypervisor. */
  #ownerFor(domain: Domain): MemoryOwner | null {
    return this.memoryOwner?.domain === domain ? null : this.memoryOwner;
  }

  /** The owner of all memory but a reserve does not get at the reserve. */
  #mayHave(domain: Domain, order: number): boolean {
    return this.memoryOwner?.domain !== domain || this.memoryOwner.mayTake(2 ** order);
  }

  #fromHeap(domain: Domain, order: number): Mfn {
    if (!this.#mayHave(domain, order)) return asMfn(NO_FRAME);
    return domain.affinity?.allocate(order) ?? this.heap.allocate(order);
  }

  #stateOnceReleased(mfn: Mfn): number {
    if (this.frames.isLeaving(mfn)) {
      this.frames.setLeaving(mfn, false);
      return FrameState.offlined;
    }
    return this.boot?.staysReserved(mfn) === true ? FrameState.reserved : FrameState.free;
  }

  #plainHeap(): FrameHeap {
    const { numa } = this.simulation.platform;
    return numa === undefined ? new Heap() : new NodeHeap(numa.topology, (mfn) => nodeOf(this, mfn));
  }

  #boot(use: HypervisorUse, table: PerFrameTable | undefined): void {
    if (table === undefined) return;
    const { pageBytes } = this.simulation.platform;
    const pages = perFrameTablePages(table, this.#banks, pageBytes);
    if (!this.hypervisor.take(use, pages)) throw new Error(`${this.name} has no room for a ${use} of ${pages} pages`);
  }

  /** Gives frames `first` to `end − 1` to the heap, as boot does with what it does not or no longer need. */
  freeReserved(first: number, end: number): void {
    this.frames.setStates(first, end, FrameState.free);
    this.heap.addRange(asMfn(first), end - first);
  }

  /** Gives frames that are taken out of the heap, or reserved for the domain, to it. */
  give(domain: Domain, first: Mfn, count: number): void {
    for (let mfn = first as number; mfn < first + count; mfn += 1) {
      this.frames.setState(asMfn(mfn), FrameState.owned, domain.id);
      this.frames.addReferences(asMfn(mfn), 1);
    }
    domain.builder.charge(Mechanism.populate, Event.pageAllocate, count);
  }
}
