import type { Archive } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import { type Finding, isFinding } from '../finding.js';
import { type Mfn, NO_FRAME, asMfn, asPfn, hex } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';
import { Tlb } from '../host/tlb.js';
import { Vhpt } from '../host/vhpt.js';
import { spaceOf } from '../domain/address-spaces.js';
import type { Domain } from '../domain/domain.js';
import type { VhptScheme } from '../platform.js';
import { breakShare } from './break-share.js';
import { type CachedTranslation, type Mmu, Region } from './mmu.js';

/**
 * The MMU of ia64: a TLB, the VHPT behind it, and behind that the hypervisor, which reads the guest's table, or reflects
 * the fault for the kernel's identity mapping, and passes the insert to the memory model.
 */
export class VhptMmu implements Mmu {
  readonly seesFirstWrites = true;
  readonly tlb: Tlb;
  readonly vhpt: Vhpt;
  readonly #domain: Domain;
  readonly #granuleLog2: number;

  constructor(domain: Domain, { tlbEntries, vhptEntries }: VhptScheme) {
    const { platform, arena } = domain.host.simulation;
    this.#domain = domain;
    this.tlb = new Tlb(arena, tlbEntries);
    this.vhpt = new Vhpt(arena, vhptEntries);
    this.#granuleLog2 = Math.log2(platform.kernelGranuleBytes / platform.pageBytes);
  }

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
      const broken = breakShare(this.#domain, region, vpn);
      if (broken !== null) return isFinding(broken) ? broken : this.access(region, vpn, write);
      const refusal = this.#firstWrite(region, rid, vpn, mfn, slot);
      if (refusal !== null) return refusal;
    }
    return mfn;
  }

  hit(region: Region, vpn: number, write: boolean): Mfn {
    const { tlb } = this;
    const slot = tlb.find(this.#domain.rid(region), vpn);
    if (slot < 0 || (write && tlb.writable[slot] === 0)) return asMfn(NO_FRAME);
    return asMfn(tlb.mfn[slot] + vpn - tlb.vpn[slot]);
  }

  purge(region: Region, vpn: number, mechanism: number): void {
    const rid = this.#domain.rid(region);
    const inTlb = this.tlb.purge(rid, vpn);
    const inVhpt = this.vhpt.purge(rid, vpn);
    if (inTlb || inVhpt) this.#domain.account.charge(mechanism, Event.purge);
  }

  flush(mechanism: number): void {
    this.tlb.flush();
    this.vhpt.flush();
    this.#domain.account.charge(mechanism, Event.flushAll);
  }

  forEachTranslation(visit: (translation: CachedTranslation) => void): void {
    const { tlb, vhpt } = this;
    for (let slot = 0; slot < tlb.entries; slot += 1) {
      if (tlb.rid[slot] < 0) continue;
      for (let page = 0; page < 2 ** tlb.log2Pages[slot]; page += 1) {
        visit({
          where: 'TLB',
          region: tlb.rid[slot] % 8,
          space: spaceOf(tlb.rid[slot]),
          vpn: tlb.vpn[slot] + page,
          mfn: asMfn(tlb.mfn[slot] + page),
          writable: tlb.writable[slot] === 1,
        });
      }
    }
    vhpt.forEach((rid, vpn, mfn, writable) => {
      visit({ where: 'VHPT', region: rid % 8, space: spaceOf(rid), vpn, mfn: asMfn(mfn), writable });
    });
  }

  dispose(): void {
    this.tlb.release();
    this.vhpt.release();
  }

  checkpoint(archive: Archive): void {
    archive.part('tlb', this.tlb);
    archive.part('vhpt', this.vhpt);
  }

  /** Serves a TLB miss: the new entry's slot, or why there is none. */
  #fill(region: Region, rid: number, vpn: number): number | Finding {
    const { account, model } = this.#domain;
    const known = this.vhpt.find(rid, vpn);
    if (known >= 0) {
      account.charge(Mechanism.translation, Event.tlbMissVhptHit);
      return this.tlb.insert(rid, vpn, this.vhpt.mfn(known), 0, this.vhpt.isWritable(known));
    }
    account.charge(Mechanism.translation, Event.translationFault);
    let frame: number;
    let wanted = 0;
    let writable = true;
    if (region === Region.user) {
      account.charge(Mechanism.translation, Event.guestTableRead);
      const entry = this.#domain.userEntry(vpn);
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
    const { account, model, dirtyLog, host, id } = this.#domain;
    const allowed = region === Region.kernel || isWritable(this.#domain.userEntry(vpn));
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
