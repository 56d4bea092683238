import type { Archive } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import type { Finding } from '../finding.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import type { Domain } from '../domain/domain.js';
import { type StaleEntry, auditNestedPaging } from '../paging/audit-paging.js';
import { NestedPaging, type NestedSpace } from '../paging/nested-paging.js';
import { PagingUnit } from '../paging/paging-unit.js';
import type { SecondStage } from '../paging/second-stage.js';
import { Fault } from '../paging/translation.js';
import type { AddressSpace } from '../paging/walk.js';
import type { RadixScheme } from '../platform.js';
import type { CachedTranslation, Mmu, Region } from './mmu.js';
import { type CachedPagingSpec, pagingSpec, visitTlb } from './paging-spec.js';
import { reachable, spaceFor, spacesOf, tagOf } from './radix-spaces.js';

/**
 * An MMU that walks the guest's radix tables, and behind each of their frame numbers the hypervisor's second stage: that of VP by
 * nested tables, and the identity of P==M on Arm. References are charged for either dimension; what the TLB serves is free. A fault
 * of the second stage enters the hypervisor, which asks the memory model and tries again.
 */
export class NestedMmu implements Mmu {
  readonly nested: NestedPaging;
  readonly #domain: Domain;
  readonly #stage: SecondStage;
  readonly #guest: CachedPagingSpec;
  readonly #second: CachedPagingSpec;

  constructor(domain: Domain, scheme: RadixScheme, stage: SecondStage) {
    const { format, caches, nestedCaches, setsFlags, nestedSetsFlags } = scheme;
    this.#domain = domain;
    this.#stage = stage;
    this.#guest = pagingSpec(domain.host, format, caches, setsFlags);
    const { dirtied } = domain.model;
    const secondSetsFlags = nestedSetsFlags || dirtied !== undefined;
    this.#second = { ...pagingSpec(domain.host, stage.table.format, nestedCaches, secondSetsFlags), dirtied };
    this.nested = new NestedPaging(this.#guest, new PagingUnit(this.#second));
  }

  get seesFirstWrites(): boolean {
    return this.#domain.model.dirtyLogging !== undefined;
  }

  access(region: Region, vpn: number, write: boolean): Mfn | Finding {
    const { nested } = this;
    const { account, model } = this.#domain;
    const space = this.#nestedSpace(spaceFor(this.#domain, region));
    if (space.first.rootFrame === NO_FRAME) return this.#refusal('mapped', `page ${hex(vpn)} has no entry`);
    for (;;) {
      const ofGuest = nested.counts.references;
      const ofSecond = nested.second.counts.references;
      const fault = nested.access(space, vpn, write);
      const guestReferences = nested.counts.references - ofGuest;
      const secondReferences = nested.second.counts.references - ofSecond;
      if (guestReferences > 0) account.charge(Mechanism.translation, Event.tableReference, guestReferences);
      if (secondReferences > 0) account.charge(Mechanism.translation, Event.secondStageReference, secondReferences);
      const { frame } = nested.translation;
      if (fault === Fault.none) return asMfn(frame);
      if (fault === Fault.notMapped) return this.#refusal('mapped', `page ${hex(vpn)} has no entry`);
      if (fault === Fault.readOnly) return this.#refusal('writable', `page ${hex(vpn)} is read-only`);
      const isWrite = fault === Fault.secondReadOnly;
      account.charge(isWrite ? Mechanism.logging : Mechanism.translation, Event.secondStageFault);
      const served = model.secondStageFault?.(asPfn(frame), isWrite) ?? false;
      if (served === true) continue;
      if (served !== false) return served;
      if (isWrite) return this.#refusal('writable', `guest frame ${hex(frame)} is read-only in the second stage`);
      return this.#refusal('in-the-second-stage', `guest frame ${hex(frame)} has no entry`);
    }
  }

  hit(region: Region, vpn: number, write: boolean): Mfn {
    const { tlb } = this.#guest;
    const slot = tlb.find(tagOf(this.#domain, region), vpn);
    return asMfn(slot >= 0 && tlb.serves(slot, write) ? tlb.frameOf(slot, vpn) : NO_FRAME);
  }

  purge(region: Region, vpn: number, mechanism: number): void {
    this.nested.flushPage(tagOf(this.#domain, region), vpn);
    this.#domain.account.charge(mechanism, Event.pageFlush);
  }

  flush(mechanism: number): void {
    this.nested.flushAll();
    this.#domain.account.charge(mechanism, Event.secondStageFlush);
  }

  flushGuestFrame(pfn: Pfn, mechanism: number): void {
    this.nested.flushGuestFrame(this.#domain.id, pfn);
    this.#domain.account.charge(mechanism, Event.secondStageFlush);
  }

  forEachTranslation(visit: (translation: CachedTranslation) => void): void {
    visitTlb(this.#guest.tlb, visit);
  }

  dispose(): void {
    for (const { tlb, walkCache } of [this.#guest, this.#second]) {
      tlb.release();
      walkCache.release();
    }
  }

  checkpoint(archive: Archive): void {
    archive.part('nested', this.nested);
  }

  staleEntries(): readonly StaleEntry[] {
    const spaces = spacesOf(this.#domain).map((first) => this.#nestedSpace(first));
    return reachable(this.#domain, auditNestedPaging(this.nested, spaces));
  }

  #nestedSpace(first: AddressSpace): NestedSpace {
    return { first, second: { tag: this.#domain.id, rootFrame: this.#stage.table.rootFrame } };
  }

  #refusal(rule: string, detail: string): Finding {
    return { operation: 'access', model: this.#domain.model.id, rule, detail };
  }
}
