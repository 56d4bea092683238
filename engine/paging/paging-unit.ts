import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { RadixFormat } from './format.js';
import type { RadixTlb } from './radix-tlb.js';
import type { WalkCache } from './walk-cache.js';
import { Fault, type FaultId, type Translation, checkpointCounts, newWalkCounts } from './translation.js';
import { type AddressSpace, type MachineTables, Walker, machineReach } from './walk.js';

export interface PagingSpec {
  readonly format: RadixFormat;
  readonly machine: MachineTables;
  readonly tlb: RadixTlb | null;
  readonly walkCache: WalkCache | null;
  /** Whether the hardware keeps accessed and dirty flags in this dimension. */
  readonly setsFlags: boolean;
  /** Hears of each page whose dirty flag is set. */
  readonly dirtied?: ((page: number) => void) | undefined;
}

/** An MMU of one dimension: a native one, or the second stage of a nested one, where the TLB is the nested TLB. */
export class PagingUnit implements Checkpointed {
  readonly spec: PagingSpec;
  readonly counts = newWalkCounts();
  /** What the last access found. */
  readonly translation: Translation;
  readonly #walker: Walker;

  constructor(spec: PagingSpec) {
    this.spec = spec;
    const { format, machine, walkCache: cache, setsFlags, dirtied } = spec;
    this.#walker = new Walker({ format, machine, cache, setsFlags, counts: this.counts, reach: machineReach, dirtied });
    this.translation = this.#walker.translation;
  }

  /** Translates one access. A write through an entry without writable or dirty walks again, as x86 processors do. */
  access(space: AddressSpace, page: number, write: boolean): FaultId {
    const { tlb } = this.spec;
    const { translation, counts } = this;
    const slot = tlb === null ? -1 : tlb.find(space.tag, page);
    if (slot >= 0 && tlb!.serves(slot, write)) {
      counts.tlbHits += 1;
      tlb!.read(slot, page, translation);
      return Fault.none;
    }
    counts.tlbMisses += 1;
    const fault = this.#walker.walk(space, page, write);
    if (fault === Fault.none) tlb?.insert(space.tag, page, translation);
    else if (slot >= 0) tlb!.flushPage(space.tag, page);
    return fault;
  }

  /** Drops the page, and all cached tables of its space: x86's INVLPG (Intel SDM 3A, 4.10.4.1). */
  flushPage(tag: number, page: number): void {
    this.spec.tlb?.flushPage(tag, page);
    this.spec.walkCache?.flushTags(tag, tag);
  }

  /** Drops one address space. */
  flushTag(tag: number): void {
    this.spec.tlb?.flushTags(tag, tag);
    this.spec.walkCache?.flushTags(tag, tag);
  }

  flushAll(): void {
    this.spec.tlb?.flushAll();
    this.spec.walkCache?.flushAll();
  }

  /** What its caches hold and what it counted; the tables are their owner's. */
  checkpoint(archive: Archive): void {
    checkpointCounts(archive, this.counts);
    if (this.spec.tlb !== null) archive.part('tlb', this.spec.tlb);
    if (this.spec.walkCache !== null) archive.part('walkCache', this.spec.walkCache);
  }
}
