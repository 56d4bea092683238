import type { Archive } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import type { Mfn } from '../host/frame-number.js';
import type { StaleEntry } from '../paging/audit-paging.js';
import type { RadixScheme } from '../platform.js';
import type { CachedTranslation, Mmu, Region } from './mmu.js';
import { RadixMmu } from './radix-mmu.js';
import { ShadowMmu } from './shadow-mmu.js';

/** The MMU of a P2M domain: it walks the guest's own tables, and twins of them while the hypervisor logs what the guest writes. */
export class LoggedMmu implements Mmu {
  readonly seesFirstWrites: boolean;
  readonly #domain: Domain;
  readonly #plain: RadixMmu;
  readonly #shadowed: ShadowMmu;

  constructor(domain: Domain, scheme: RadixScheme) {
    this.#domain = domain;
    this.seesFirstWrites = domain.host.simulation.platform.shadowPaging !== false;
    this.#plain = new RadixMmu(domain, scheme);
    this.#shadowed = new ShadowMmu(domain, scheme);
  }

  access(region: Region, vpn: number, write: boolean): Mfn | Finding {
    return this.#current.access(region, vpn, write);
  }

  hit(region: Region, vpn: number, write: boolean): Mfn {
    return this.#current.hit(region, vpn, write);
  }

  purge(region: Region, vpn: number, mechanism: number): void {
    this.#current.purge(region, vpn, mechanism);
  }

  /** Also when one gives way to the other: both forget. */
  flush(mechanism: number): void {
    this.#plain.flush(mechanism);
    this.#shadowed.unit.flushAll();
  }

  twinsChanged(): void {
    this.#shadowed.twinsChanged();
  }

  forEachTranslation(visit: (translation: CachedTranslation) => void): void {
    this.#plain.forEachTranslation(visit);
    this.#shadowed.forEachTranslation(visit);
  }

  dispose(): void {
    this.#plain.dispose();
    this.#shadowed.dispose();
  }

  checkpoint(archive: Archive): void {
    archive.part('plain', this.#plain);
    archive.part('shadowed', this.#shadowed);
  }

  staleEntries(): readonly StaleEntry[] {
    return [...this.#plain.staleEntries(), ...this.#shadowed.staleEntries()];
  }

  get #current(): RadixMmu | ShadowMmu {
    return this.#domain.model.shadow === undefined ? this.#plain : this.#shadowed;
  }
}
