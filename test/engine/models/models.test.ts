import { Arena } from '../../../engine/host/arena.js';
import { describe, expect, it } from 'vitest';
import { type Domain, type Host, Mechanism, asPfn, audit, buildDomain, isFinding } from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { P2mTable } from '../../../engine/models/p2m-table.js';
import type { EventName } from '../../../engine/index.js';
import { entryFrame } from '../../../engine/host/entry.js';
import { domainOn, hostOf, platformOf, vhptMmuOf, vhptScheme } from '../support.js';

const counted = (domain: Domain, work: () => void): Partial<Record<EventName, number>> => {
  const read = (): Map<EventName, number> => {
    const counts = new Map<EventName, number>();
    for (const { event, count } of domain.account.entries()) counts.set(event, (counts.get(event) ?? 0) + count);
    return counts;
  };
  const before = read();
  work();
  return Object.fromEntries(
    [...read()]
      .map(([event, count]) => [event, count - (before.get(event) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
};

const twoBanks = (clip: 'page' | 'run' = 'page'): Host =>
  hostOf(
    platformOf(
      [
        [0, 64],
        [128, 64],
      ],
      { scheme: vhptScheme({ insertClip: clip }) },
    ),
  );

describe('direct', () => {
  it('is given the lowest aligned chunks, across the hole between banks, all or nothing', () => {
    const host = twoBanks();
    const domain = domainOn(host, 'control', 'direct', 80);
    expect(domain.model.ownedFrames()).toEqual([
      ...Array.from({ length: 64 }, (_, index) => index),
      ...Array.from({ length: 16 }, (_, index) => 128 + index),
    ]);
    const builder = host.simulation.ledger.account('builder');
    const refused = buildDomain(host, { name: 'next', model: 'direct', builder }, 60);
    expect(isFinding(refused) && refused.rule).toBe('banks-free');
    expect(host.heap.freeFrames).toBe(48);
  });

  it('maps a granule of its kernel by one insert; VP is clipped to a page for each of the same accesses', () => {
    const touch = (domain: Domain): void => {
      for (let page = 0; page < 4; page += 1) domain.readKernel(asPfn(8 + page));
    };
    const direct = domainOn(twoBanks(), 'control', 'direct', 32);
    expect(counted(direct, () => touch(direct))).toEqual({
      translationFault: 1,
      faultReflection: 1,
      privilegedInsert: 1,
      vhptInsert: 1,
    });
    const clipped = domainOn(twoBanks(), 'control', 'insert', 32);
    expect(counted(clipped, () => touch(clipped))).toEqual({
      translationFault: 4,
      faultReflection: 4,
      privilegedInsert: 4,
      p2mLookup: 4,
      vhptInsert: 4,
    });
  });

  it('restricted checks the owner at each insert, trusted checks nothing', () => {
    const host = twoBanks();
    const restricted = domainOn(host, 'restricted', 'direct', 16, { access: 'restricted' });
    const trusted = domainOn(host, 'trusted', 'direct', 16, { access: 'trusted' });
    const guest = domainOn(host, 'guest', 'insert', 4);
    const foreign = guest.model.machineFrame(asPfn(0));
    expect(trusted.model.checkInsert(foreign, 0)).toEqual({ mfn: foreign, log2Pages: 0 });
    expect(restricted.model.checkInsert(foreign, 0)).toMatchObject({
      rule: 'own-or-granted',
      detail: `frame 0x${foreign.toString(16)} is owned by guest`,
    });
    expect(trusted.model.checkInsert(100, 0)).toMatchObject({ rule: 'installed' });
  });

  it('finds a ballooned frame gone when another domain took it', () => {
    const host = twoBanks();
    const control = domainOn(host, 'control', 'direct', 32);
    const out = control.balloon.out();
    if (isFinding(out)) throw new Error(out.detail);
    domainOn(host, 'guest', 'insert', host.heap.freeFrames);
    expect(control.balloon.in(out)).toMatchObject({ operation: 'balloon in', rule: 'same-frames-free' });
  });
});

describe('p2m', () => {
  it('puts machine frames into its own tables and looks up its own array for it', () => {
    const host = twoBanks();
    domainOn(host, 'first', 'insert', 3);
    const domain = domainOn(host, 'control', 'p2m', 40);
    domain.mapPage(4, domain.free.take()!, true);
    const pfn = domain.free.take()!;
    expect(counted(domain, () => domain.mapPage(5, pfn, true)).guestP2mLookup).toBe(1);
    expect(entryFrame(domain.pageTable.read(5))).toBe(domain.model.machineFrame(pfn));
  });

  it('refuses an insert of a frame that is another domain’s', () => {
    const host = twoBanks();
    const domain = domainOn(host, 'control', 'p2m', 16);
    const guest = domainOn(host, 'guest', 'insert', 4);
    expect(domain.model.checkInsert(guest.model.machineFrame(asPfn(1)), 0)).toMatchObject({ rule: 'own-or-granted' });
  });

  it('gets large kernel inserts where its memory is contiguous', () => {
    const domain = domainOn(twoBanks(), 'control', 'p2m', 32);
    domain.readKernel(asPfn(9));
    const slot = vhptMmuOf(domain).tlb.find(domain.rid(Region.kernel), 10);
    expect(slot).toBeGreaterThanOrEqual(0);
    expect(vhptMmuOf(domain).tlb.log2Pages[slot]).toBe(2);
  });
});

describe('a run of the p2m', () => {
  it('counts only where it is aligned to its size in both numberings', () => {
    const p2m = new P2mTable(new Arena());
    for (let pfn = 0; pfn < 16; pfn += 1) p2m.set(asPfn(pfn), pfn < 8 ? 101 + pfn : 192 + pfn);
    expect([0, 5, 7].map((pfn) => p2m.largestRun(asPfn(pfn), 3))).toEqual([0, 0, 0]);
    expect(p2m.largestRun(asPfn(9), 3)).toBe(3);
  });
});

describe('a P2M domain whose borrowed guest frame stands where its own frame was', () => {
  it('gets no large insert over the foreign frame: not writable where it may only read, and gone once unmapped', () => {
    const host = hostOf(platformOf([[0, 64]]));
    const control = domainOn(host, 'control', 'p2m', 16);
    const first = domainOn(host, 'first', 'insert', 48);
    const lent = mapForeign(control, first, [asPfn(3)], { writable: false, firstPage: 0 });
    if (isFinding(lent)) throw new Error(lent.detail);
    const second = domainOn(host, 'second', 'insert', 1);
    lent.unmap();
    const mapping = mapForeign(control, second, [asPfn(0)], { writable: false, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    const frames = [0, 1, 2, 3].map((pfn) => control.model.machineFrame(asPfn(pfn)));
    expect(frames.map((mfn) => mfn - frames[0])).toEqual([0, 1, 2, 3]);
    expect(frames[0]).toBe(second.model.machineFrame(asPfn(0)));
    control.mmu.flush(Mechanism.work);
    control.readKernel(asPfn(1));
    const slot = vhptMmuOf(control).tlb.find(control.rid(Region.kernel), 1);
    expect(vhptMmuOf(control).tlb.log2Pages[slot]).toBe(0);
    expect(isFinding(control.model.checkInsert(frames[1], 2))).toBe(true);
    expect(audit(host)).toEqual([]);
    mapping.unmap();
    expect(audit(host)).toEqual([]);
  });
});

describe('insert', () => {
  it('is given single frames in descending order, so no larger run is contiguous even where runs are allowed', () => {
    const domain = domainOn(twoBanks('run'), 'control', 'insert', 32);
    domain.readKernel(asPfn(9));
    expect(vhptMmuOf(domain).tlb.log2Pages[vhptMmuOf(domain).tlb.find(domain.rid(Region.kernel), 9)]).toBe(0);
  });

  it('looks device addresses up by a hypercall, or in the exposed p2m', () => {
    const host = twoBanks();
    const closed = domainOn(host, 'closed', 'insert', 8);
    const exposed = domainOn(host, 'exposed', 'insert', 8, { exposedP2m: true });
    expect(counted(closed, () => closed.model.busFrame(asPfn(2)))).toEqual({ hypercall: 1, p2mLookup: 1 });
    expect(counted(exposed, () => exposed.model.busFrame(asPfn(2)))).toEqual({ guestP2mLookup: 1 });
    expect(closed.model.busFrame(asPfn(2))).toBe(closed.model.machineFrame(asPfn(2)));
  });
});

describe('mapping 8 pages of a guest charges what the model has to do', () => {
  const events = (model: 'direct' | 'p2m' | 'insert', access: 'trusted' | 'restricted' = 'trusted') => {
    const host = hostOf(platformOf([[0, 256]]));
    const control = domainOn(host, 'control', model, 64, model === 'direct' ? { access } : {});
    const guest = domainOn(host, 'guest', 'insert', 16);
    const pfns = guest.model.ownedFrames().slice(0, 8);
    const map = () => {
      const mapping = mapForeign(control, guest, pfns, { writable: false, firstPage: 0 });
      if (isFinding(mapping)) throw new Error(mapping.detail);
      return mapping;
    };
    map().unmap();
    const only = ({
      hypercall,
      p2mLookup,
      foreignEnter,
      guestP2mStore,
      pteStore,
    }: Partial<Record<EventName, number>>) => ({
      hypercall,
      p2mLookup,
      foreignEnter,
      guestP2mStore,
      pteStore,
    });
    return only(counted(control, () => void map()));
  };

  it('trusted direct: asks for the frame list, references nothing', () =>
    expect(events('direct')).toEqual({ hypercall: 1, p2mLookup: 8, pteStore: 8 }));
  it('restricted direct: a hypercall a page', () =>
    expect(events('direct', 'restricted')).toEqual({ hypercall: 8, foreignEnter: 8, pteStore: 8 }));
  it('p2m: one hypercall for the batch, and its own array', () =>
    expect(events('p2m')).toEqual({ hypercall: 1, foreignEnter: 8, guestP2mStore: 8, pteStore: 8 }));
  it('insert: a hypercall a page', () =>
    expect(events('insert')).toEqual({ hypercall: 8, foreignEnter: 8, pteStore: 8 }));
});
