import type { Archive } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Mfn, Pfn } from '../host/frame-number.js';
import type { StaleEntry } from '../paging/audit-paging.js';
import type { CachedTranslation, Mmu, Region } from './mmu.js';

/**
 * The MMUs of a domain's vCPUs, each with caches of its own. What is flushed on one is flushed on all that used the domain's memory since
 * they were last flushed whole: by an interrupt to each, or by the hardware, where it sends flushes to all processors by itself.
 */
export class VcpusMmu implements Mmu {
  readonly seesFirstWrites: boolean;
  readonly #vcpus: readonly Mmu[];
  readonly #domain: Domain;
  readonly #broadcasts: boolean;
  /** 1 for each that may hold a translation. */
  readonly #mayHold: Uint8Array;
  #running = 0;

  /** `vcpus`: two or more. */
  constructor(domain: Domain, vcpus: readonly Mmu[], broadcasts: boolean) {
    this.#domain = domain;
    this.#vcpus = vcpus;
    this.#broadcasts = broadcasts;
    this.seesFirstWrites = vcpus[0].seesFirstWrites;
    this.#mayHold = domain.host.simulation.arena.uint8(vcpus.length);
  }

  /** The vCPU that makes accesses and changes tables from here on. */
  get running(): number {
    return this.#running;
  }

  /** @throws RangeError for a vCPU that the domain does not have */
  run(vcpu: number): void {
    if (this.#vcpus[vcpu] === undefined) throw new RangeError(`${this.#domain.name} has no vCPU ${vcpu}`);
    this.#running = vcpu;
  }

  access(region: Region, vpn: number, write: boolean): Mfn | Finding {
    this.#mayHold[this.#running] = 1;
    return this.#vcpus[this.#running].access(region, vpn, write);
  }

  hit(region: Region, vpn: number, write: boolean): Mfn {
    return this.#vcpus[this.#running].hit(region, vpn, write);
  }

  purge(region: Region, vpn: number, mechanism: number): void {
    this.#onAll(mechanism, (mmu) => mmu.purge(region, vpn, mechanism));
  }

  flush(mechanism: number): void {
    this.#onAll(mechanism, (mmu) => mmu.flush(mechanism));
    this.#mayHold.fill(0);
  }

  flushGuestFrame(pfn: Pfn, mechanism: number): void {
    this.#onAll(mechanism, (mmu) => mmu.flushGuestFrame?.(pfn, mechanism));
  }

  twinsChanged(): void {
    this.#onAll(Mechanism.translation, (mmu) => mmu.twinsChanged?.());
  }

  forEachTranslation(visit: (translation: CachedTranslation) => void): void {
    for (const mmu of this.#vcpus) mmu.forEachTranslation(visit);
  }

  staleEntries(): readonly StaleEntry[] {
    return this.#vcpus.flatMap((mmu) => [...(mmu.staleEntries?.() ?? [])]);
  }

  dispose(): void {
    for (const mmu of this.#vcpus) mmu.dispose();
    this.#domain.host.simulation.arena.free(this.#mayHold);
  }

  checkpoint(archive: Archive): void {
    this.#running = archive.value('running', this.#running);
    archive.view('mayHold', this.#mayHold);
    for (const [vcpu, mmu] of this.#vcpus.entries()) archive.part(`vcpus ${vcpu}`, mmu);
  }

  /** Flushes the vCPU that runs, and the others that may hold something. */
  #onAll(mechanism: number, flush: (mmu: Mmu) => void): void {
    for (const [vcpu, mmu] of this.#vcpus.entries()) {
      if (vcpu !== this.#running) {
        if (this.#mayHold[vcpu] === 0) continue;
        if (!this.#broadcasts) this.#domain.account.charge(mechanism, Event.flushInterrupt);
      }
      flush(mmu);
    }
  }
}
