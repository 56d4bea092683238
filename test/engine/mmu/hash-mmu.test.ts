import { Arena } from '../../../engine/host/arena.js';
import { ridOf } from '../../../engine/domain/address-spaces.js';
import { describe, expect, it } from 'vitest';
import { type Domain, type EventName, audit, buildDomain, destroyDomain } from '../../../engine/index.js';
import { GROUP_ENTRIES, HashTable } from '../../../engine/host/hash-table.js';
import { HashMmu } from '../../../engine/mmu/hash-mmu.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { beginLogDirty, harvestDirty } from '../../../engine/operations/log-dirty.js';
import { PAGE, domainOn, hashScheme, hostOf, platformOf } from '../support.js';

const mmuOf = ({ mmu }: Domain): HashMmu => {
  if (!(mmu instanceof HashMmu)) throw new Error('not an MMU of ppc64');
  return mmu;
};

const domain = (pages: number, memoryToTable = 64): Domain =>
  domainOn(hostOf(platformOf([[0, 1024]], { scheme: hashScheme({ memoryToTable }) })), 'guest', 'insert', pages);

const counts = (of: Domain, work: () => void): Partial<Record<EventName, number>> => {
  const names = ['hypercall', 'hashInsert', 'hashRemove', 'hashFault', 'tlbMissHashHit', 'loggingFault'] as const;
  const before = names.map((name) => of.account.count(name));
  work();
  return Object.fromEntries(
    names.map((name, at) => [name, of.account.count(name) - before[at]]).filter(([, count]) => count !== 0),
  );
};

describe('the hashed table of ppc64', () => {
  it('has groups of eight entries, and the secondary group is that of the complement', () => {
    const table = new HashTable(new Arena(), 16, 4096, 0);
    const primary = table.group(9, 3, 0, false);
    expect(table.group(9, 3, 0, true)).toBe(15 - primary);
    for (let page = 0; page < GROUP_ENTRIES; page += 1) {
      expect(table.enter(primary, 9, 16 * page, page, 0, true)).toBe(primary * GROUP_ENTRIES + page);
    }
    expect(table.enter(primary, 9, 3, 77, 0, true)).toBe(-1);
  });

  it('spreads segments by the multiplier of Linux, modulo 2^36 − 1, and pages by exclusive or, alike in every domain', () => {
    const table = new HashTable(new Arena(), 2 ** 16, 4096, 0);
    const vsid = (proto: bigint): bigint => (proto * 200_730_139n) % (2n ** 36n - 1n);
    const segment = 5n;
    const page = 0x1234;
    // Region 1 of the third address space, by the guest's own numbers.
    const proto = (25n << 15n) | segment;
    const expected = Number((vsid(proto) ^ BigInt(page)) & 0xffffn);
    for (const domain of [1, 7]) {
      expect(table.group(ridOf(3, domain, 1), Number(segment) * 65_536 + page, 0, false)).toBe(expected);
    }
  });

  it('is a 64th of the memory in one contiguous range, which goes back with the domain, or when it could not be built', () => {
    const guest = domain(512);
    const { hypervisor } = guest.host;
    expect(hypervisor.pages('hashed table', guest.id)).toBe(8);
    const frames = hypervisor.frames('hashed table', guest.id);
    expect(frames.at(-1)! - frames[0]).toBe(7);
    expect(mmuOf(guest).table.entries).toBe((8 * PAGE) / 16);
    const builder = guest.host.simulation.ledger.account('builder');
    const refused = buildDomain(guest.host, { name: 'next', model: 'insert', builder }, 512);
    expect(refused).toMatchObject({ rule: 'heap-has-room' });
    expect(guest.host.heap.freeFrames).toBe(1024 - 512 - 8);
    destroyDomain(guest, builder);
    expect(guest.host.heap.freeFrames).toBe(1024);
  });
});

describe('insert on ppc64', () => {
  it('takes a hypercall for each entry, none for a hit, and one to take it out', () => {
    const guest = domain(64);
    const pfn = guest.free.take()!;
    guest.mapPage(5, pfn, true);
    expect(counts(guest, () => void guest.mmu.access(Region.user, 5, true))).toEqual({
      hypercall: 1,
      hashInsert: 1,
      hashFault: 1,
    });
    mmuOf(guest).tlb.flush();
    expect(counts(guest, () => void guest.mmu.access(Region.user, 5, true))).toEqual({ tlbMissHashHit: 1 });
    expect(counts(guest, () => void guest.mmu.access(Region.user, 5, true))).toEqual({});
    expect(counts(guest, () => guest.unmapPage(5))).toMatchObject({ hypercall: 1, hashRemove: 1 });
    expect(guest.mmu.access(Region.user, 5, false)).toMatchObject({ rule: 'mapped' });
  });

  it('gives memory in runs, so that one entry maps a large page of the kernel', () => {
    const guest = domain(64);
    const pages = guest.model.ownedFrames();
    guest.writeKernel(pages[8]);
    expect(counts(guest, () => guest.writeKernel(pages[11]))).toEqual({});
    expect(counts(guest, () => guest.writeKernel(pages[12]))).toEqual({ hypercall: 1, hashInsert: 1, hashFault: 1 });
  });

  it('goes on when both groups are full: an entry is removed, from the TLB too, and found missing later', () => {
    const guest = domain(512, 2 ** 20);
    const { table } = mmuOf(guest);
    const pages = table.entries + 40;
    const pfns = Array.from({ length: 16 }, () => guest.free.take()!);
    for (let vpn = 0; vpn < pages; vpn += 1) guest.mapPage(vpn, pfns[vpn % 16], false);
    const { hashRemove } = counts(guest, () => {
      for (let vpn = 0; vpn < pages; vpn += 1) guest.mmu.access(Region.user, vpn, false);
    });
    expect(hashRemove).toBeGreaterThanOrEqual(40);
    expect(audit(guest.host).filter(({ rule }) => rule === 'coherence')).toEqual([]);
    expect([...table.rid].filter((rid) => rid >= 0).length).toBeLessThanOrEqual(table.entries);
  });

  it('logs the first write to each page after each harvest, in the hypercall that asks for the right', () => {
    const guest = domain(64);
    const tool = domainOn(guest.host, 'tool', 'insert', 64);
    guest.mapPage(5, guest.free.take()!, true);
    beginLogDirty(tool, guest, () => {});
    harvestDirty(tool, guest, () => {});
    for (const _ of [1, 2]) {
      expect(counts(guest, () => void guest.writePage(5))).toMatchObject({ loggingFault: 1, hashInsert: 1 });
      expect(counts(guest, () => void guest.writePage(5))).toEqual({});
      expect(harvestDirty(tool, guest, () => {})).toHaveLength(1);
    }
  });
});
