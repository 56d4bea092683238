import type { Archive } from '../checkpoint/archive.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import type { Domain } from '../domain/domain.js';
import { type StaleEntry, auditPaging } from '../paging/audit-paging.js';
import { PagingUnit } from '../paging/paging-unit.js';
import { Fault } from '../paging/translation.js';
import type { AddressSpace } from '../paging/walk.js';
import type { RadixScheme } from '../platform.js';
import { emulateStore } from '../shadow/emulate.js';
import { Outcome, invalidatePage, keepRoot, loadRoot, pageFault } from '../shadow/shadow-paging.js';
import { Half, type HalfId, type ShadowState } from '../shadow/shadow-state.js';
import { type CachedTranslation, type Mmu, Region } from './mmu.js';
import { type CachedPagingSpec, pagingSpec, visitTlb } from './paging-spec.js';
import { reachable, spaceFor, tagOf } from './radix-spaces.js';

/** The tag of no address space. */
const NO_TAG = -1;

const halfOf = (region: Region): HalfId => (region === Region.kernel ? Half.high : Half.low);

/**
 * An MMU that walks the twins of the guest's radix tables. What a twin does not give exits to the shadow code, which fills it, makes
 * a store to a table itself, or finds that the fault is the guest's own. The kernel's own mapping is a root beside the program's, so
 * that neither has to be loaded for an access by the other; a program's is loaded, with an exit, when it is not the last one's.
 */
export class ShadowMmu implements Mmu {
  readonly seesFirstWrites = true;
  readonly unit: PagingUnit;
  readonly #domain: Domain;
  readonly #spec: CachedPagingSpec;
  /** Tags of the spaces whose roots are loaded, by half. */
  readonly #loaded = new Int32Array(2).fill(NO_TAG);

  constructor(domain: Domain, scheme: RadixScheme) {
    this.#domain = domain;
    const machine = { entriesAt: (frame: number) => this.#state.twins.entriesAt(frame) };
    this.#spec = { ...pagingSpec(domain.host, scheme.format, scheme.caches, scheme.setsFlags), machine };
    this.unit = new PagingUnit(this.#spec);
  }

  access(region: Region, vpn: number, write: boolean): Mfn | Finding {
    return this.#at(region, (space) => {
      if (space === null) return this.#refusal('mapped', `page ${hex(vpn)} has no entry`);
      return this.#reach(space, region, vpn, write, (state, table) => {
        const entry = state.guest.entriesAt(table)?.[0] ?? 0;
        emulateStore(state, vpn, table, 0, entry);
      });
    });
  }

  storeEntry(pfn: Pfn, index: number, entry: number): void {
    const result = this.#at(Region.kernel, (space) => {
      let isEmulated = false;
      const mfn = this.#reach(space!, Region.kernel, pfn, true, (state, table) => {
        emulateStore(state, pfn, table, index, entry);
        isEmulated = true;
      });
      if (!isFinding(mfn) && !isEmulated) this.#state.guest.entriesAt(mfn)![index] = entry;
      return mfn;
    });
    if (isFinding(result)) throw new Error(`${this.#domain.name} cannot store to its own table: ${result.detail}`);
  }

  hit(region: Region, vpn: number, write: boolean): Mfn {
    const { tlb } = this.#spec;
    const slot = tlb.find(tagOf(this.#domain, region), vpn);
    return asMfn(slot >= 0 && tlb.serves(slot, write) ? tlb.frameOf(slot, vpn) : NO_FRAME);
  }

  purge(region: Region, vpn: number): void {
    const tag = tagOf(this.#domain, region);
    this.unit.flushPage(tag, vpn);
    if (this.#loaded[halfOf(region)] !== tag) return;
    const state = this.#state;
    state.half = halfOf(region);
    invalidatePage(state, vpn);
    state.half = Half.low;
  }

  flush(mechanism: number): void {
    this.unit.flushAll();
    this.#domain.account.charge(mechanism, Event.spaceFlush);
  }

  twinsChanged(): void {
    this.unit.flushAll();
    this.#domain.account.charge(Mechanism.translation, Event.spaceFlush);
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
    archive.view('loaded', this.#loaded);
  }

  /** All entries are of the loaded roots: each load flushes, as does the next access where a tag was given up. A table that is out of sync may be written by more than its twins say. */
  staleEntries(): readonly StaleEntry[] {
    const state = this.#domain.model.shadow;
    if (state === undefined) return [];
    const spaces: AddressSpace[] = [];
    for (const half of [Half.low, Half.high]) {
      const slot = state.roots[half];
      if (slot >= 0) spaces.push({ tag: this.#loaded[half], rootFrame: state.pool.frames[slot] });
    }
    return reachable(this.#domain, auditPaging(this.unit, spaces));
  }

  get #state(): ShadowState {
    return this.#domain.model.shadow!;
  }

  /** Does something in the half of a region, with the root of what serves it loaded; null where that has none yet. */
  #at(region: Region, work: (space: AddressSpace | null) => Mfn | Finding): Mfn | Finding {
    const { tag, rootFrame } = spaceFor(this.#domain, region);
    if (rootFrame === NO_FRAME) return work(null);
    const state = this.#state;
    const half = halfOf(region);
    state.half = half;
    if (this.#loaded[half] !== tag || state.rootGuestFrames[half] !== rootFrame) {
      loadRoot(state, rootFrame);
      this.#loaded[half] = tag;
    }
    const result = work({ tag, rootFrame });
    state.half = Half.low;
    return result;
  }

  /** The machine frame that an access comes to; a store that the hypervisor has to make is made by `emulate`. */
  #reach(
    { tag }: AddressSpace,
    region: Region,
    page: number,
    write: boolean,
    emulate: (state: ShadowState, table: number) => void,
  ): Mfn | Finding {
    const state = this.#state;
    for (;;) {
      keepRoot(state);
      const before = this.unit.counts.references;
      const fault = this.unit.access({ tag, rootFrame: state.pool.frames[state.root] }, page, write);
      const references = this.unit.counts.references - before;
      if (references > 0) this.#domain.account.charge(Mechanism.translation, Event.tableReference, references);
      if (fault === Fault.none) return asMfn(this.unit.translation.frame);
      const outcome = pageFault(state, page, write, region === Region.kernel ? 'kernel' : 'user');
      if (outcome === Outcome.filled) continue;
      if (outcome === Outcome.notMapped) return this.#refusal('mapped', `page ${hex(page)} has no entry`);
      if (outcome === Outcome.readOnly) return this.#refusal('writable', `page ${hex(page)} is read-only`);
      if (outcome === Outcome.noMemory) return this.#outOfMemory(state.walk.guestFrame);
      const table = state.lastEmulatedFrame;
      emulate(state, table);
      return asMfn(table);
    }
  }

  #outOfMemory(guestFrame: number): Finding {
    const lack = this.#domain.model.overcommit?.settle(asPfn(guestFrame)) ?? null;
    return lack ?? this.#refusal('in-the-p2m', `guest frame ${hex(guestFrame)} has no machine frame`);
  }

  #refusal(rule: string, detail: string): Finding {
    return { operation: 'access', model: this.#domain.model.id, rule, detail };
  }
}
