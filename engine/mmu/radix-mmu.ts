import type { Archive } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import type { Finding } from '../finding.js';
import { type Mfn, NO_FRAME, asMfn, hex } from '../host/frame-number.js';
import type { Domain } from '../domain/domain.js';
import { type StaleEntry, auditPaging } from '../paging/audit-paging.js';
import { PagingUnit } from '../paging/paging-unit.js';
import { Fault } from '../paging/translation.js';
import type { RadixScheme } from '../platform.js';
import type { CachedTranslation, Mmu, Region } from './mmu.js';
import { type CachedPagingSpec, pagingSpec, visitTlb } from './paging-spec.js';
import { reachable, spaceFor, spacesOf, tagOf } from './radix-spaces.js';

/**
 * An MMU that walks the guest's own radix tables, whose entries hold machine frames: P2M's, and P==M's where no second stage
 * isolates it. Each entry that the walker reads is charged; what the TLB serves is free.
 */
export class RadixMmu implements Mmu {
  /** The guest's own entries stay writable; to see writes takes shadowing. */
  readonly seesFirstWrites = false;
  readonly unit: PagingUnit;
  readonly #domain: Domain;
  readonly #spec: CachedPagingSpec;

  constructor(domain: Domain, scheme: RadixScheme) {
    this.#domain = domain;
    this.#spec = pagingSpec(domain.host, scheme.format, scheme.caches, scheme.setsFlags);
    this.unit = new PagingUnit(this.#spec);
  }

  access(region: Region, vpn: number, write: boolean): Mfn | Finding {
    const { unit } = this;
    const { account } = this.#domain;
    const space = spaceFor(this.#domain, region);
    if (space.rootFrame === NO_FRAME) return this.#refusal('mapped', `page ${hex(vpn)} has no entry`);
    const before = unit.counts.references;
    const fault = unit.access(space, vpn, write);
    const references = unit.counts.references - before;
    if (references > 0) account.charge(Mechanism.translation, Event.tableReference, references);
    if (fault === Fault.none) return asMfn(unit.translation.frame);
    if (fault === Fault.notMapped) return this.#refusal('mapped', `page ${hex(vpn)} has no entry`);
    return this.#refusal('writable', `page ${hex(vpn)} is read-only`);
  }

  hit(region: Region, vpn: number, write: boolean): Mfn {
    const tlb = this.#spec.tlb;
    const slot = tlb.find(tagOf(this.#domain, region), vpn);
    return asMfn(slot >= 0 && tlb.serves(slot, write) ? tlb.frameOf(slot, vpn) : NO_FRAME);
  }

  purge(region: Region, vpn: number, mechanism: number): void {
    this.unit.flushPage(tagOf(this.#domain, region), vpn);
    this.#domain.account.charge(mechanism, Event.pageFlush);
  }

  flush(mechanism: number): void {
    this.unit.flushAll();
    this.#domain.account.charge(mechanism, Event.spaceFlush);
  }

  forEachTranslation(visit: (translation: CachedTranslation) => void): void {
    visitTlb(this.#spec.tlb, visit);
  }

  dispose(): void {
    this.#spec.tlb.release();
    this.#spec.walkCache.release();
  }

  checkpoint(archive: Archive): void {
    archive.part('unit', this.unit);
  }

  staleEntries(): readonly StaleEntry[] {
    return reachable(this.#domain, auditPaging(this.unit, spacesOf(this.#domain)));
  }

  #refusal(rule: string, detail: string): Finding {
    return { operation: 'access', model: this.#domain.model.id, rule, detail };
  }
}
