import { Event, Mechanism } from '../host/events.js';
import { type Finding, isFinding } from '../finding.js';
import { type Mfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/page-table.js';
import { Tlb } from '../host/tlb.js';
import { Vhpt } from '../host/vhpt.js';
import type { Domain } from './domain.js';

/** Address regions, by their ia64 numbers: the program's, mapped by its page table, and the kernel's identity mapping. */
export const Region = { user: 1, kernel: 7 } as const;
export type Region = (typeof Region)[keyof typeof Region];

/**
 * The MMU as the domain's one vCPU sees it: a TLB, the VHPT behind it, and behind that the hypervisor, which reads the
 * guest's table, or reflects the fault for the kernel's identity mapping, and passes the insert to the memory model.
 */
export class Mmu {
  readonly tlb: Tlb;
  readonly vhpt: Vhpt;
  readonly #domain: Domain;
  readonly #granuleLog2: number;

  constructor(domain: Domain) {
    const { platform } = domain.host.simulation;
    this.#domain = domain;
    this.tlb = new Tlb(platform.tlbEntries);
    this.vhpt = new Vhpt(platform.vhptEntries);
    this.#granuleLog2 = Math.log2(platform.kernelGranuleBytes / platform.pageBytes);
  }

  /** Translates one access, with the faults that it takes. A finding when the entry is absent or refused. */
  access(region: Region, vpn: number, write: boolean): Mfn | Finding {
    const rid = this.#domain.rid(region);
    let slot = this.tlb.find(rid, vpn);
    if (slot < 0) {
      const filled = this.#fill(region, rid, vpn);
      if (isFinding(filled)) return filled;
      slot = filled;
    }
    const mfn = asMfn(this.tlb.mfn[slot] + vpn - this.tlb.vpn[slot]);
    if (write && this.tlb.writable[slot] === 0) {
      const refusal = this.#firstWrite(region, rid, vpn, mfn, slot);
      if (refusal !== null) return refusal;
    }
    return mfn;
  }

  /** Drops the page's translation where it was inserted, and charges the purge only then. */
  purge(region: Region, vpn: number, mechanism: number): void {
    const rid = this.#domain.rid(region);
    const inTlb = this.tlb.purge(rid, vpn);
    const inVhpt = this.vhpt.purge(rid, vpn);
    if (inTlb || inVhpt) this.#domain.account.charge(mechanism, Event.purge);
  }

  /** Drops everything, as the hypervisor does when log-dirty begins, at each harvest and when it ends. */
  flush(mechanism: number): void {
    this.tlb.flush();
    this.vhpt.flush();
    this.#domain.account.charge(mechanism, Event.flushAll);
  }

  /** Serves a TLB miss: the new entry's slot, or why there is none. */
  #fill(region: Region, rid: number, vpn: number): number | Finding {
    const { account, model } = this.#domain;
    const known = this.vhpt.find(rid, vpn);
    if (known >= 0) {
      account.charge(Mechanism.translation, Event.tlbMissVhptHit);
      return this.tlb.insert(rid, vpn, this.vhpt.mfn[known], 0, this.vhpt.writable[known] === 1);
    }
    account.charge(Mechanism.translation, Event.translationFault);
    let frame: number;
    let wanted = 0;
    let writable = true;
    if (region === Region.user) {
      account.charge(Mechanism.translation, Event.guestTableRead);
      const entry = this.#domain.pageTable.read(vpn);
      if (!isPresent(entry)) return this.#refusal('mapped', `page ${hex(vpn)} has no entry`);
      frame = entryFrame(entry);
      writable = isWritable(entry);
    } else {
      account.charge(Mechanism.translation, Event.faultReflection);
      account.charge(Mechanism.translation, Event.privilegedInsert);
      wanted = model.kernelInsertSize(asPfn(vpn), this.#granuleLog2);
      frame = model.frameForEntry(asPfn(vpn), Mechanism.translation);
    }
    const insert = model.checkInsert(frame, wanted);
    if (isFinding(insert)) return insert;
    return this.#insert(rid, vpn, insert.mfn, insert.log2Pages, writable);
  }

  #insert(rid: number, vpn: number, mfn: Mfn, granted: number, entryWritable: boolean): number {
    const { account, model, dirtyLog, host } = this.#domain;
    const log2Pages = dirtyLog === null ? granted : 0;
    const logged = dirtyLog !== null && !dirtyLog.has(host.frames.guestFrame(mfn));
    const writable = entryWritable && model.mayWrite(mfn) && !logged;
    const offset = vpn % 2 ** log2Pages;
    account.charge(Mechanism.translation, Event.vhptInsert);
    this.vhpt.insert(rid, vpn, mfn, writable);
    return this.tlb.insert(rid, vpn - offset, mfn - offset, log2Pages, writable);
  }

  #firstWrite(region: Region, rid: number, vpn: number, mfn: Mfn, slot: number): Finding | null {
    const { account, model, dirtyLog, host, id, pageTable } = this.#domain;
    const allowed = region === Region.kernel || isWritable(pageTable.read(vpn));
    if (!allowed || !model.mayWrite(mfn)) return this.#refusal('writable', `page ${hex(vpn)} is read-only`);
    if (dirtyLog !== null) {
      account.charge(Mechanism.logging, Event.loggingFault);
      if (host.frames.owner(mfn) === id) dirtyLog.mark(host.frames.guestFrame(mfn));
    }
    this.tlb.writable[slot] = 1;
    this.vhpt.insert(rid, vpn, mfn, true);
    return null;
  }

  #refusal(rule: string, detail: string): Finding {
    return { operation: 'access', model: this.#domain.model.id, rule, detail };
  }
}
