import { Event, Mechanism } from './events.js';
import type { Domain } from '../domain/domain.js';
import type { Simulation } from '../simulation.js';
import { FrameState, FrameTable, FrameType, NO_OWNER, SCRUBBED } from './frame-table.js';
import { type Mfn, NO_FRAME, asMfn, hex } from './frame-number.js';
import { Heap } from './heap.js';
import { HypervisorMemory, type HypervisorUse } from './hypervisor-memory.js';
import type { Account } from './ledger.js';
import { perFrameTablePages } from './per-frame-tables.js';
import type { PerFrameTable } from '../platform.js';

/** One machine: banks of memory with holes between them, the frame table, the heap, and the domains that live there. */
export class Host {
  readonly name: string;
  readonly simulation: Simulation;
  readonly frames = new FrameTable();
  readonly heap = new Heap();
  readonly hypervisor = new HypervisorMemory(this.frames, this.heap);
  readonly domains = new Map<number, Domain>();
  /** Contents of frames that guests use as page-table pages, entry by entry. */
  readonly tables = new Map<Mfn, Uint32Array>();
  readonly installedFrames: number;
  #lastDomainId = 0;

  constructor(name: string, simulation: Simulation) {
    this.name = name;
    this.simulation = simulation;
    const { banks, pageBytes, hypervisorBytes } = simulation.platform;
    let installed = 0;
    let reserve = hypervisorBytes / pageBytes;
    for (const bank of banks) {
      const first = bank.start / pageBytes;
      const count = bank.size / pageBytes;
      const reserved = Math.min(reserve, count);
      for (let mfn = first; mfn < first + count; mfn += 1) {
        this.frames.setState(asMfn(mfn), mfn < first + reserved ? FrameState.reserved : FrameState.free);
      }
      this.heap.addRange(asMfn(first + reserved), count - reserved);
      reserve -= reserved;
      installed += count;
    }
    this.installedFrames = installed;
    const { frameTable, machineToPhysical } = simulation.platform;
    this.#boot('frame table', frameTable);
    this.#boot('m2p', machineToPhysical);
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
    return `owned by ${this.domains.get(this.frames.owner(mfn))?.name ?? 'a domain that is gone'}`;
  }

  /** Takes 2^order frames for the domain; `NO_FRAME` when the heap has no such chunk. */
  allocate(domain: Domain, order: number): Mfn {
    const first = this.heap.allocate(order);
    if (first !== NO_FRAME) this.#own(domain, first, 2 ** order);
    return first;
  }

  /** Takes these very frames for the domain; false when one of them is not free. */
  allocateAt(domain: Domain, first: Mfn, order: number): boolean {
    if (!this.heap.allocateAt(first, order)) return false;
    this.#own(domain, first, 2 ** order);
    return true;
  }

  /** Scrubs the frame and gives it back to the heap. The caller has seen to it that nobody else refers to it. */
  release(mfn: Mfn, payer: Account): void {
    if (this.frames.references(mfn) !== 1) throw new Error(`frame ${hex(mfn)} is still referred to`);
    if (this.frames.type(mfn) === FrameType.pageTable) this.frames.dropType(mfn);
    this.tables.delete(mfn);
    this.frames.setContents(mfn, SCRUBBED);
    this.frames.setGuestFrame(mfn, NO_FRAME);
    this.frames.setState(mfn, FrameState.free, NO_OWNER);
    this.frames.addReferences(mfn, -1);
    this.heap.free(mfn, 0);
    payer.charge(Mechanism.populate, Event.pageScrub);
    payer.charge(Mechanism.populate, Event.pageAllocate);
  }

  #boot(use: HypervisorUse, table: PerFrameTable | undefined): void {
    if (table === undefined) return;
    const pages = perFrameTablePages(table, this.simulation.platform);
    if (!this.hypervisor.take(use, pages)) throw new Error(`${this.name} has no room for a ${use} of ${pages} pages`);
  }

  #own(domain: Domain, first: Mfn, count: number): void {
    for (let mfn = first as number; mfn < first + count; mfn += 1) {
      this.frames.setState(asMfn(mfn), FrameState.owned, domain.id);
      this.frames.addReferences(asMfn(mfn), 1);
    }
    domain.builder.charge(Mechanism.populate, Event.pageAllocate, count);
  }
}
