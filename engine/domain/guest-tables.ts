import type { Finding } from '../finding.js';
import { isPresent } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import type { TableMemory } from '../host/page-table.js';
import { Region } from '../mmu/mmu.js';
import type { Domain } from './domain.js';

/**
 * How a guest's kernel makes and writes its page tables, in frames of its own: by plain stores through its mapping of memory, or
 * by asking the hypervisor where that validates them. A refusal is a bug of the kernel's: it checks entries before.
 */
export class GuestTables implements TableMemory {
  readonly #domain: Domain;
  readonly #entries: number;

  constructor(domain: Domain) {
    this.#domain = domain;
    this.#entries = domain.host.simulation.platform.pageBytes / 8;
  }

  entriesAt(frame: number): Uint32Array | undefined {
    const { host, model } = this.#domain;
    return host.tables.get(model.frameBehindEntry(frame));
  }

  /** Takes a free frame that the hypervisor accepts as a page table; those it refuses stay free. */
  newTable(isRoot: boolean): { readonly pfn: Pfn; readonly frame: number } {
    const domain = this.#domain;
    const { host, model } = domain;
    const refused: Pfn[] = [];
    for (;;) {
      const pfn = domain.free.take();
      if (pfn === null) throw new Error(`${domain.name} has no free frame for a page table`);
      if (!model.declareTable(pfn)) {
        refused.push(pfn);
        continue;
      }
      for (const other of refused) domain.free.giveBack(other);
      if (domain.pv === null) domain.writeKernel(pfn);
      else domain.writtenFor(pfn);
      host.tables.make(model.machineFrame(pfn), this.#entries);
      if (domain.pv !== null && isRoot) this.#expect(domain.pv.pin(model.machineFrame(pfn), domain.pv.rootLevel));
      return { pfn, frame: model.frameForEntry(pfn, Mechanism.work) };
    }
  }

  store(frame: number, index: number, entry: number): void {
    const { host, model, mmu, pv } = this.#domain;
    const table = model.frameBehindEntry(frame);
    if (pv === null) {
      const pfn = model.frameFromEntry(frame);
      if (mmu.storeEntry === undefined) {
        host.tables.get(table)![index] = entry;
        this.#domain.writeKernel(pfn);
      } else {
        mmu.storeEntry(pfn, index, entry);
        this.#domain.writtenFor(pfn);
      }
    } else {
      const result = pv.update(table, index, entry);
      if (typeof result === 'object') this.#expect(result.refusal);
    }
  }

  #expect(refusal: string | null): void {
    if (refusal !== null) throw new Error(`the kernel of ${this.#domain.name} was refused: ${refusal}`);
  }
}

/**
 * Stores an entry of the program's page table, or has the hypervisor do it where it validates them, and purges what the old one
 * had put into the MMU. Entries to frames of others are stored by the call that maps those.
 */
export const storeProgramEntry = (domain: Domain, vpn: number, entry: number, mechanism: number): Finding | null => {
  const { account, model, mmu, pageTable, pv } = domain;
  const refusal = model.checkEntry?.(entry) ?? null;
  if (refusal !== null) return refusal;
  if (pv === null) {
    account.charge(mechanism, Event.pteStore);
  } else {
    if (mechanism !== Mechanism.foreignMap) account.charge(mechanism, Event.hypercall);
    account.charge(mechanism, Event.pageUpdate);
  }
  const before = pageTable.write(vpn, entry);
  if (isPresent(before)) domain.inOwnSpace(() => mmu.purge(Region.user, vpn, mechanism));
  return null;
};
