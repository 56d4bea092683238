import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { NO_FRAME } from '../host/frame-number.js';
import type { PagingSpec, PagingUnit } from './paging-unit.js';
import { Fault, type FaultId, checkpointCounts, newTranslation, newWalkCounts } from './translation.js';
import { type AddressSpace, type TableReach, Walker } from './walk.js';

/** Address spaces that one virtual machine can tag. */
const SPACES_A_MACHINE = 2 ** 16;

/** The tag of an address space of a virtual machine in the combined caches: VPID and PCID, VMID and ASID. */
export const combinedTag = (machine: number, space: number): number => machine * SPACES_A_MACHINE + space;

/** The address space of a combined tag, within its virtual machine. */
export const spaceOfTag = (tag: number): number => tag % SPACES_A_MACHINE;

/** A guest's address space: its own tables, with a tag from `combinedTag`, over the tables of its virtual machine. */
export interface NestedSpace {
  readonly first: AddressSpace;
  readonly second: AddressSpace;
}

/**
 * An MMU of two dimensions. Each guest table stands at a guest frame that the second stage translates before the table
 * is read, so a walk with nothing cached reads (n + 1)(m + 1) − 1 entries (Bhargava et al., ASPLOS 2008). The TLB keeps
 * guest page → machine frame, in the smaller size of the two leaves; the walk cache is combined.
 */
export class NestedPaging implements Checkpointed {
  readonly spec: PagingSpec;
  readonly second: PagingUnit;
  /** What the guest's dimension did; that of the second stage is at `second.counts`. */
  readonly counts = newWalkCounts();
  readonly translation = newTranslation();
  readonly #walker: Walker;
  readonly #reach: SecondStageReach;

  /** Both dimensions have tables of the same size. A second stage's walk cache and TLB are tagged by virtual machine. */
  constructor(spec: PagingSpec, second: PagingUnit) {
    if (spec.format.indexBits !== second.spec.format.indexBits) throw new RangeError('tables of two sizes');
    this.spec = spec;
    this.second = second;
    this.#reach = new SecondStageReach(second);
    const { format, machine, walkCache: cache, setsFlags } = spec;
    this.#walker = new Walker({ format, machine, cache, setsFlags, counts: this.counts, reach: this.#reach });
  }

  /** Entries read in both dimensions. */
  get references(): number {
    return this.counts.references + this.second.counts.references;
  }

  /** Translates one access of a guest. After a second-stage fault, `translation.frame` is the guest frame it is about. */
  access(space: NestedSpace, page: number, write: boolean): FaultId {
    const { tlb } = this.spec;
    const { tag } = space.first;
    const slot = tlb === null ? -1 : tlb.find(tag, page);
    if (slot >= 0 && tlb!.serves(slot, write)) {
      this.counts.tlbHits += 1;
      tlb!.read(slot, page, this.translation);
      return Fault.none;
    }
    this.counts.tlbMisses += 1;
    const fault = this.#walk(space, page, write);
    if (fault === Fault.none) tlb?.insert(tag, page, this.translation);
    else if (slot >= 0) tlb!.flushPage(tag, page);
    return fault;
  }

  /** The guest's own flush of a page: INVLPG in a guest, TLBI VAE1. The nested TLB keeps what it has. */
  flushPage(tag: number, page: number): void {
    this.spec.tlb?.flushPage(tag, page);
    this.spec.walkCache?.flushTags(tag, tag);
  }

  /** Drops one address space of a guest. */
  flushTag(tag: number): void {
    this.spec.tlb?.flushTags(tag, tag);
    this.spec.walkCache?.flushTags(tag, tag);
  }

  /** Drops one guest frame, and all that is combined of its machine: TLBI IPAS2E1 and then VMALLE1. x86 drops it all. */
  flushGuestFrame(machine: number, guestFrame: number): void {
    this.second.flushPage(machine, guestFrame);
    this.#flushCombined(machine);
  }

  /** Drops all of a virtual machine: INVEPT of one context, TLBI VMALLS12E1. */
  flushMachine(machine: number): void {
    this.second.flushTag(machine);
    this.#flushCombined(machine);
  }

  flushAll(): void {
    this.second.flushAll();
    this.spec.tlb?.flushAll();
    this.spec.walkCache?.flushAll();
  }

  /** What its caches hold and what it counted; the tables are their owner's. */
  checkpoint(archive: Archive): void {
    checkpointCounts(archive, this.counts);
    if (this.spec.tlb !== null) archive.part('tlb', this.spec.tlb);
    if (this.spec.walkCache !== null) archive.part('walkCache', this.spec.walkCache);
    archive.part('second', this.second);
  }

  #walk(space: NestedSpace, page: number, write: boolean): FaultId {
    const { translation, second } = this;
    this.#reach.space = space.second;
    const fault = this.#walker.walk(space.first, page, write);
    const guest = this.#walker.translation;
    translation.frame = guest.frame;
    if (fault !== Fault.none) return fault;
    const refused = second.access(space.second, guest.frame, write);
    if (refused !== Fault.none) return asSecond(refused);
    const machine = second.translation;
    translation.frame = machine.frame;
    translation.level = Math.min(guest.level, machine.level);
    translation.writable = guest.writable && machine.writable;
    translation.dirty = guest.dirty && machine.dirty;
    return Fault.none;
  }

  #flushCombined(machine: number): void {
    const first = combinedTag(machine, 0);
    const last = combinedTag(machine, SPACES_A_MACHINE - 1);
    this.spec.tlb?.flushTags(first, last);
    this.spec.walkCache?.flushTags(first, last);
  }
}

const asSecond = (fault: FaultId): FaultId => (fault === Fault.readOnly ? Fault.secondReadOnly : Fault.secondNotMapped);

/** Guest tables, reached through the second stage. */
class SecondStageReach implements TableReach {
  space: AddressSpace = { tag: 0, rootFrame: NO_FRAME };
  fault: FaultId = Fault.none;
  writable = false;
  readonly #second: PagingUnit;

  constructor(second: PagingUnit) {
    this.#second = second;
  }

  /** A second stage that keeps flags takes every reference to a guest table for a write (Intel SDM 3C, on accessed and dirty flags for EPT). */
  reach(tableFrame: number, write: boolean): number {
    const second = this.#second;
    const fault = second.access(this.space, tableFrame, write || second.spec.setsFlags);
    if (fault !== Fault.none) {
      this.fault = asSecond(fault);
      return NO_FRAME;
    }
    this.writable = second.translation.writable;
    return second.translation.frame;
  }
}
