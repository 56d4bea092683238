import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, asPfn, hex } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';
import { SCRUBBED } from '../host/frame-table.js';
import { type PagePlaces, Place } from './page-places.js';
import type { P2mStore } from './translated.js';

/** Guest frames that a sweep for zero pages looks at before it is content with what it found (Xen's POD_SWEEP_LIMIT). */
const SWEEP_LIMIT = 1024;

/**
 * Frames of a domain that was built with fewer than it has pages: a page gets one at its first access. When none is left,
 * pages that hold nothing but zeros give theirs back, from the highest down and where the last sweep ended. A frame that
 * the guest gives up comes here as long as there are more pages to populate than frames. Source: Xen's
 * xen/arch/x86/mm/p2m-pod.c, p2m_pod_demand_populate and p2m_pod_emergency_sweep.
 */
export class OnDemandCache implements Checkpointed {
  readonly #domain: Domain;
  readonly #p2m: P2mStore;
  readonly #places: PagePlaces;
  #frames: Mfn[] = [];
  /** Where the next sweep begins. */
  #sweepFrom = 0;
  #end = 0;

  constructor(domain: Domain, p2m: P2mStore, places: PagePlaces) {
    this.#domain = domain;
    this.#p2m = p2m;
    this.#places = places;
  }

  /** Frames that wait for a page. */
  get frames(): readonly Mfn[] {
    return this.#frames;
  }

  /** Whether there are more pages to populate than frames for them. */
  get isShort(): boolean {
    return this.#places.count(Place.onDemand) > this.#frames.length;
  }

  /** Guest frames 0 to `pages` − 1 are populated on demand, from `frames` frames. False when the heap has too few. */
  fill(pages: number, frames: number): boolean {
    const { host } = this.#domain;
    if (host.heap.freeFrames < frames) return false;
    for (let count = 0; count < frames; count += 1) this.#frames.push(host.allocate(this.#domain, 0));
    for (let pfn = 0; pfn < pages; pfn += 1) this.#places.put(asPfn(pfn), Place.onDemand);
    this.#end = pages;
    this.#sweepFrom = pages;
    return true;
  }

  /** Gives a guest frame one of the frames; a finding when no page can give one back. */
  populate(pfn: Pfn): Finding | null {
    if (this.#p2m.makeEntry?.(pfn) === false) return this.#noTable(pfn);
    if (this.#frames.length === 0) this.#sweep();
    const mfn = this.#frames.pop();
    if (mfn === undefined) {
      const { name, model } = this.#domain;
      const detail = `${name} has no frame left for guest frame ${hex(pfn)} and a sweep found no zero page to take one from`;
      return { operation: 'access', model: model.id, rule: 'on-demand-frames', detail };
    }
    this.#p2m.set(pfn, mfn);
    this.#domain.host.frames.setGuestFrame(mfn, pfn);
    this.#places.put(pfn, Place.own);
    return null;
  }

  /** Scrubs a frame that the guest gave up and keeps it. */
  takeBack(mfn: Mfn): void {
    const { host, account } = this.#domain;
    host.tables.delete(mfn);
    host.frames.setContents(mfn, SCRUBBED);
    host.frames.setGuestFrame(mfn, NO_FRAME);
    account.charge(Mechanism.populate, Event.pageScrub);
    this.#frames.push(mfn);
  }

  /** Takes one frame out of the waiting ones and puts another in its place. */
  exchange(mfn: Mfn, other: Mfn): void {
    this.#frames[this.#frames.indexOf(mfn)] = other;
  }

  checkpoint(archive: Archive): void {
    this.#frames = archive.numbers('frames', this.#frames);
    this.#sweepFrom = archive.value('sweepFrom', this.#sweepFrom);
    this.#end = archive.value('end', this.#end);
  }

  giveUp(payer: Account): void {
    for (const mfn of this.#frames.splice(0)) this.#domain.host.release(mfn, payer);
  }

  #noTable(pfn: Pfn): Finding {
    const { name, model } = this.#domain;
    const detail = `the pool of ${name} has no frame for a table that guest frame ${hex(pfn)} needs`;
    return { operation: 'access', model: model.id, rule: 'pool-has-room', detail };
  }

  #sweep(): void {
    const { host, account, mmu } = this.#domain;
    if (this.#sweepFrom === 0) this.#sweepFrom = this.#end;
    const limit = this.#sweepFrom - SWEEP_LIMIT;
    let pfn = this.#sweepFrom - 1;
    for (; pfn >= 0 && (this.#frames.length === 0 || pfn >= limit); pfn -= 1) {
      const mfn = this.#p2m.get(asPfn(pfn));
      if (mfn === NO_FRAME || this.#places.at(asPfn(pfn)) !== Place.own) continue;
      account.charge(Mechanism.movement, Event.zeroCheck);
      const { frames, tables } = host;
      if (frames.contents(mfn) !== SCRUBBED || frames.references(mfn) !== 1 || tables.get(mfn) !== undefined) continue;
      this.#p2m.set(asPfn(pfn), NO_FRAME);
      this.#places.put(asPfn(pfn), Place.onDemand);
      frames.setGuestFrame(mfn, NO_FRAME);
      this.#frames.push(mfn);
    }
    this.#sweepFrom = pfn + 1;
    if (this.#frames.length > 0) mmu.flush(Mechanism.movement);
  }
}
