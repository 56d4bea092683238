import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Mechanism } from '../host/events.js';
import { type Finding, isFinding } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn, hex } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import type { Account } from '../host/ledger.js';
import { makeEntry } from '../host/entry.js';
import { PageTable } from '../host/page-table.js';
import { PvMemory } from '../x86/pv-memory.js';
import { createModel } from '../models/create-model.js';
import type { MemoryModel, ModelOptions } from '../models/model.js';
import type { Paging } from '../platform.js';
import type { GrantTable } from '../grants/grant-table.js';
import type { PageDescriptors } from '../grants/page-descriptors.js';
import type { DomainSpec } from './domain-spec.js';
import { Balloon } from './balloon.js';
import type { DirtyLog } from './dirty-log.js';
import { FreeFrames } from './free-frames.js';
import { checkpointKept, makeKept } from './kept-state.js';
import { AddressSpaces, ridOf } from './address-spaces.js';
import { ForeignRights } from './foreign-rights.js';
import type { ProcessKernel } from './moved-frames.js';
import { GuestLog } from './guest-log.js';
import { GuestTables, storeProgramEntry } from './guest-tables.js';
import type { Interrupts } from './interrupts.js';
import type { KernelMapping } from './kernel-mapping.js';
import { type NodeAffinity, affinityOf } from '../numa/node-affinity.js';
import { createMmu, levelsOf } from '../mmu/create-mmu.js';
import { type Mmu, Region } from '../mmu/mmu.js';

/** A guest: its memory under its model, its page table, its MMU, and what it knows that it wrote. */
export class Domain implements Checkpointed {
  readonly id: number;
  readonly name: string;
  readonly host: Host;
  readonly account: Account;
  readonly builder: Account;
  readonly foreign: ForeignRights;
  readonly log: GuestLog;
  readonly options: ModelOptions;
  readonly paging: Paging | null;
  readonly vcpus: number;
  /** Where its next memory comes from, where the host has nodes. */
  readonly affinity: NodeAffinity | null;
  readonly model: MemoryModel;
  readonly mmu: Mmu;
  /** How the guest's kernel makes and writes page tables. */
  readonly tables: GuestTables;
  readonly pageTable: PageTable;
  /** P2M where the MMU walks the guest's own tables: what the hypervisor keeps of their use. */
  readonly pv: PvMemory | null;
  /** The kernel's own mapping of memory, where the MMU walks tables for it. */
  kernelMapping: KernelMapping | null = null;
  /** Guest frames that hold the array of a P2M guest, in the order of its entries; none where the platform does not say what it takes. */
  p2mPfns: readonly Pfn[] = [];
  /** Set while a P2M kernel puts updates of it together in one multicall. */
  kernelCalls: { updates: number } | null = null;
  /** Set while the hypervisor logs first writes. */
  dirtyLog: DirtyLog | null = null;
  /** What interrupts it by itself, on a processor that it has to itself; null where nothing does. */
  interrupts: Interrupts | null = null;
  /** When the access under way was made, in nanoseconds; what lets it wait beside a CPU's time moves this on. */
  momentNs = 0;
  readonly free: FreeFrames;
  readonly balloon = new Balloon(this);
  /** Where its kernel keeps several programs, each with a table of its own. */
  readonly spaces = new AddressSpaces();
  /** The kernel that runs processes in it, where one does. */
  processes: ProcessKernel | null = null;
  /** Its grant table, from the first use of grants on. */
  grants: GrantTable | null = null;
  /** Page descriptors that a P==M kernel made for frames outside its own memory. */
  descriptors: PageDescriptors | null = null;
  readonly #disposals: (() => void)[] = [];

  constructor(host: Host, spec: DomainSpec) {
    this.host = host;
    this.id = spec.id ?? host.newDomainId();
    this.name = spec.name;
    this.account = host.simulation.ledger.account(spec.name);
    this.builder = spec.builder;
    this.free = new FreeFrames(host.simulation.arena);
    this.foreign = new ForeignRights(host);
    this.log = spec.log?.shared() ?? new GuestLog(host.simulation.arena);
    this.options = spec.options ?? {};
    this.vcpus = spec.vcpus ?? 1;
    this.affinity = affinityOf(host, spec.affinity);
    this.paging = spec.paging ?? (spec.model === 'nested' || spec.model === 'shadow' ? spec.model : null);
    this.model = createModel(this, spec.model, this.options);
    const { scheme, pageBytes } = host.simulation.platform;
    const levels = levelsOf(scheme);
    this.pv = scheme.kind === 'radix' && spec.model === 'p2m' ? new PvMemory(this, scheme.format) : null;
    this.mmu = createMmu(this);
    this.tables = new GuestTables(this);
    this.pageTable = new PageTable(this.tables, pageBytes / 8, levels);
    host.domains.set(this.id, this);
  }

  /** Gives back what was kept for the domain from outside, when it leaves its host. */
  whenLeaving(dispose: () => void): void {
    this.#disposals.push(dispose);
  }

  /** Takes the domain off its host, with all that was kept for it beside its memory, which is given back before. */
  leaveHost(): void {
    for (const dispose of this.#disposals) dispose();
    this.model.dispose?.();
    this.mmu.dispose();
    this.dirtyLog?.release();
    this.grants?.release();
    this.log.release();
    this.free.release();
    this.host.domains.delete(this.id);
  }

  /** The region id that tags the domain's translations. */
  rid(region: Region): number {
    return ridOf(region === Region.user ? this.spaces.loaded : 0, this.id, region);
  }

  /** Does something in the domain's own page table, whichever program its kernel has loaded beside it. */
  inOwnSpace<T>(work: () => T): T {
    return this.spaces.loaded === 0 ? work() : this.spaces.within(0, work);
  }

  /** The leaf entry by which the loaded program, or another of these, maps the page; 0 when there is none. */
  userEntry(vpn: number, tag = this.spaces.loaded): number {
    return tag === 0 ? this.pageTable.read(vpn) : (this.spaces.get(tag)?.read(vpn) ?? 0);
  }

  /** Guest frames of the program's and the kernel's tables. */
  get tablePfns(): readonly Pfn[] {
    return [...this.pageTable.tablePfns, ...(this.kernelMapping?.tablePfns ?? [])];
  }

  /** The loader fills every frame once, so that each has contents of its own. Charges nothing. */
  load(): void {
    for (const pfn of this.model.ownedFrames()) this.#setContents(pfn, this.model.machineFrame(pfn));
  }

  /** The guest writes one of its frames through its kernel mapping. */
  writeKernel(pfn: Pfn): void {
    this.#setContents(pfn, this.#kernelFrame(pfn, true));
  }

  /** The guest's kernel copies contents into one of its frames. */
  fillKernel(pfn: Pfn, stamp: number): void {
    const mfn = this.#kernelFrame(pfn, true);
    this.host.frames.setContents(mfn, stamp);
    this.log.wrote(pfn, stamp);
  }

  /** The guest's kernel reads one of its frames: its contents stamp. */
  readKernel(pfn: Pfn): number {
    return this.host.frames.contents(this.#kernelFrame(pfn, false));
  }

  /** The hypervisor or the loader wrote one of the guest's frames for it. */
  writtenFor(pfn: Pfn): void {
    this.#setContents(pfn, this.model.machineFrame(pfn));
    this.dirtyLog?.mark(pfn);
  }

  /** A device wrote one of the guest's frames. */
  filledByDevice(pfn: Pfn, stamp: number): void {
    this.log.wrote(pfn, stamp);
    this.dirtyLog?.mark(pfn);
  }

  /** Puts one of the guest's frames at a page of its program; a finding when the entry is refused. */
  mapPage(vpn: number, pfn: Pfn, writable: boolean): Finding | null {
    const entry = makeEntry(this.model.frameForEntry(pfn, Mechanism.work), writable);
    const refusal = this.setEntry(vpn, entry, Mechanism.work);
    if (refusal === null) this.log.map(vpn, pfn);
    return refusal;
  }

  /** Takes a page out of the program; its frame is free again. */
  unmapPage(vpn: number): void {
    const pfn = this.log.mapped(vpn);
    this.setEntry(vpn, 0, Mechanism.work);
    this.log.map(vpn, NO_FRAME);
    this.free.giveBack(pfn);
  }

  /** Stores an entry of the program's page table; a finding when the hypervisor refuses it. */
  setEntry(vpn: number, entry: number, mechanism: number): Finding | null {
    return storeProgramEntry(this, vpn, entry, mechanism);
  }

  /** The program writes one of its pages; a finding when the MMU refuses. */
  writePage(vpn: number): Finding | null {
    const mfn = this.inOwnSpace(() => this.mmu.access(Region.user, vpn, true));
    if (isFinding(mfn)) return mfn;
    this.#setContents(this.log.mapped(vpn), mfn);
    return null;
  }

  /** The frame came back scrubbed: the guest expects nothing of it. */
  forgetContents(pfn: Pfn): void {
    this.log.wrote(pfn, 0);
  }

  checkpoint(archive: Archive): void {
    makeKept(archive, this);
    this.free.checkpoint(archive);
    this.balloon.checkpoint(archive);
    this.momentNs = archive.value('momentNs', this.momentNs);
    this.p2mPfns = archive.numbers('p2mPfns', this.p2mPfns);
    archive.part('spaces', this.spaces);
    archive.part('foreign', this.foreign);
    archive.part('log', this.log);
    archive.part('model', this.model);
    archive.part('mmu', this.mmu);
    archive.part('pageTable', this.pageTable);
    checkpointKept(archive, this);
  }

  #setContents(pfn: Pfn, mfn: Mfn): void {
    const stamp = this.host.simulation.nextStamp();
    this.host.frames.setContents(mfn, stamp);
    this.log.wrote(pfn, stamp);
  }

  #kernelFrame(pfn: Pfn, write: boolean): Mfn {
    const mfn = this.mmu.access(Region.kernel, pfn, write);
    if (isFinding(mfn)) throw new Error(`${this.name} cannot reach its own guest frame ${hex(pfn)}: ${mfn.detail}`);
    return mfn;
  }
}
