import type { Archive } from '../checkpoint/archive.js';
import { spaceOf } from '../domain/address-spaces.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, asMfn, asPfn, hex } from '../host/frame-number.js';
import { GROUP_ENTRIES, HASH_ENTRY_BYTES, HashTable } from '../host/hash-table.js';
import type { RandomStream } from '../host/random.js';
import { Tlb } from '../host/tlb.js';
import type { HashScheme } from '../platform.js';
import { breakShare } from './break-share.js';
import { type CachedTranslation, type Mmu, Region } from './mmu.js';

/**
 * The MMU of ppc64 under a hypervisor: a TLB, and behind it a hashed table that the hardware searches and only the hypervisor
 * writes. The guest's kernel serves a miss: it reads its own tree and enters the page by a hypercall, in which the memory model
 * translates the frame. Changes and removals are hypercalls too. When both groups of a page are full the kernel removes an
 * entry from one of them, at random, as Linux does.
 */
export class HashMmu implements Mmu {
  readonly seesFirstWrites = true;
  readonly tlb: Tlb;
  readonly #domain: Domain;
  readonly #scheme: HashScheme;
  readonly #largeLog2: number;
  readonly #victims: RandomStream;
  #table: HashTable;

  constructor(domain: Domain, scheme: HashScheme) {
    const { platform, arena } = domain.host.simulation;
    this.#domain = domain;
    this.#scheme = scheme;
    this.#largeLog2 = Math.log2(platform.kernelGranuleBytes / platform.pageBytes);
    this.#victims = domain.host.simulation.stream(`hashed table of ${domain.name} on ${domain.host.name}`);
    this.tlb = new Tlb(arena, scheme.tlbEntries);
    this.#table = new HashTable(arena, 1, platform.pageBytes, this.#largeLog2);
  }

  get table(): HashTable {
    return this.#table;
  }

  /** Takes one contiguous, aligned range of the hypervisor's memory for the table, of a size by the domain's memory. */
  reserve(memoryPages: number): Finding | null {
    const { host, id, name, builder, model } = this.#domain;
    const { pageBytes } = host.simulation.platform;
    const bytes = Math.max((memoryPages * pageBytes) / this.#scheme.memoryToTable, pageBytes);
    const order = Math.ceil(Math.log2(bytes / pageBytes));
    if (!host.hypervisor.takeChunk('hashed table', order, id)) {
      const detail = `${host.name} has no ${2 ** order} contiguous frames for the hashed table of ${name}`;
      return { operation: 'build', model: model.id, rule: 'table-has-room', detail };
    }
    builder.charge(Mechanism.populate, Event.pageAllocate, 2 ** order);
    this.#makeTable((2 ** order * pageBytes) / (HASH_ENTRY_BYTES * GROUP_ENTRIES));
    return null;
  }

  access(region: Region, vpn: number, write: boolean): Mfn | Finding {
    const rid = this.#domain.rid(region);
    let slot = this.tlb.find(rid, vpn);
    if (slot < 0) {
      const entry = this.#search(region, rid, vpn);
      if (isFinding(entry)) return entry;
      slot = this.#load(entry);
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
    const entry = this.#table.find(this.#domain.rid(region), vpn);
    if (entry >= 0) this.#remove(entry, mechanism);
  }

  purgeWritable(region: Region, vpn: number, mechanism: number): void {
    const entry = this.#table.find(this.#domain.rid(region), vpn);
    if (entry >= 0 && this.#table.writable[entry] === 1) this.#remove(entry, mechanism);
  }

  flush(mechanism: number): void {
    this.tlb.flush();
    this.#table.clear();
    this.#domain.account.charge(mechanism, Event.flushAll);
  }

  forEachTranslation(visit: (translation: CachedTranslation) => void): void {
    this.#forEachIn('TLB', this.tlb, visit);
    this.#forEachIn('hashed table', this.#table, visit);
  }

  dispose(): void {
    this.tlb.release();
    this.#table.release();
  }

  checkpoint(archive: Archive): void {
    const groups = archive.value('groups', this.#table.groups);
    if (archive.reading) this.#makeTable(groups);
    archive.part('tlb', this.tlb);
    archive.part('table', this.#table);
    archive.part('victims', this.#victims);
  }

  #makeTable(groups: number): void {
    const { platform, arena } = this.#domain.host.simulation;
    this.#table.release();
    this.#table = new HashTable(arena, groups, platform.pageBytes, this.#largeLog2);
  }

  #forEachIn(where: string, cache: Tlb | HashTable, visit: (translation: CachedTranslation) => void): void {
    for (let slot = 0; slot < cache.entries; slot += 1) {
      if (cache.rid[slot] < 0) continue;
      for (let page = 0; page < 2 ** cache.log2Pages[slot]; page += 1) {
        const region = cache.rid[slot] % 8;
        const mfn = asMfn(cache.mfn[slot] + page);
        visit({
          where,
          region,
          space: spaceOf(cache.rid[slot]),
          vpn: cache.vpn[slot] + page,
          mfn,
          writable: cache.writable[slot] === 1,
        });
      }
    }
  }

  /** The entry of the table for the page, put there by the guest's kernel if need be. */
  #search(region: Region, rid: number, vpn: number): number | Finding {
    const { account, model } = this.#domain;
    const known = this.#table.find(rid, vpn);
    if (known >= 0) {
      account.charge(Mechanism.translation, Event.tlbMissHashHit);
      return known;
    }
    account.charge(Mechanism.translation, Event.hashFault);
    let frame: number;
    let wanted = 0;
    let writable = true;
    if (region === Region.user) {
      const entry = this.#domain.userEntry(vpn);
      if (!isPresent(entry)) return this.#refusal('mapped', `page ${hex(vpn)} has no entry`);
      frame = entryFrame(entry);
      writable = isWritable(entry);
    } else {
      wanted = model.kernelInsertSize(asPfn(vpn), this.#largeLog2);
      frame = model.frameForEntry(asPfn(vpn), Mechanism.translation);
    }
    account.charge(Mechanism.translation, Event.hypercall);
    const insert = model.checkInsert(frame, wanted);
    if (isFinding(insert)) return insert;
    const large = insert.log2Pages >= this.#largeLog2 && this.#domain.dirtyLog === null;
    return this.#enter(rid, vpn, insert.mfn, large ? this.#largeLog2 : 0, writable);
  }

  #enter(rid: number, vpn: number, mfn: Mfn, log2Pages: number, entryWritable: boolean): number {
    const { account, model, dirtyLog, host } = this.#domain;
    const logged = dirtyLog !== null && !dirtyLog.has(host.frames.guestFrame(mfn));
    const writable = entryWritable && model.mayWrite(mfn) && !logged;
    const offset = vpn % 2 ** log2Pages;
    account.charge(Mechanism.translation, Event.hashInsert);
    for (;;) {
      for (const secondary of [false, true]) {
        const group = this.#table.group(rid, vpn, log2Pages, secondary);
        const entry = this.#table.enter(group, rid, vpn - offset, mfn - offset, log2Pages, writable);
        if (entry >= 0) return entry;
        account.charge(Mechanism.translation, Event.hypercall);
      }
      const group = this.#table.group(rid, vpn, log2Pages, this.#victims.below(2) === 0);
      this.#remove(group * GROUP_ENTRIES + this.#victims.below(GROUP_ENTRIES), Mechanism.translation);
    }
  }

  /** Loads an entry of the table into the TLB: its slot. */
  #load(entry: number): number {
    const { rid, vpn, mfn, log2Pages, writable } = this.#table;
    return this.tlb.insert(rid[entry], vpn[entry], mfn[entry], log2Pages[entry], writable[entry] === 1);
  }

  #remove(entry: number, mechanism: number): void {
    const { account } = this.#domain;
    account.charge(mechanism, Event.hypercall);
    account.charge(mechanism, Event.hashRemove);
    this.tlb.purge(this.#table.rid[entry], this.#table.vpn[entry]);
    this.#table.remove(entry);
  }

  /** The first write through an entry without the right to: the kernel asks the hypervisor for it. */
  #firstWrite(region: Region, rid: number, vpn: number, mfn: Mfn, slot: number): Finding | null {
    const { account, model, dirtyLog, host, id } = this.#domain;
    account.charge(Mechanism.translation, Event.hashFault);
    const allowed = region === Region.kernel || isWritable(this.#domain.userEntry(vpn));
    if (!allowed || !model.mayWrite(mfn)) return this.#refusal('writable', `page ${hex(vpn)} is read-only`);
    account.charge(Mechanism.translation, Event.hypercall);
    if (dirtyLog !== null) {
      account.charge(Mechanism.logging, Event.loggingFault);
      if (host.frames.owner(mfn) === id) dirtyLog.mark(host.frames.guestFrame(mfn));
    }
    this.#table.writable[this.#table.find(rid, vpn)] = 1;
    this.tlb.writable[slot] = 1;
    return null;
  }

  #refusal(rule: string, detail: string): Finding {
    return { operation: 'access', model: this.#domain.model.id, rule, detail };
  }
}
