import { describe, expect, it } from 'vitest';
import {
  PagingDisk,
  Program,
  asPfn,
  audit,
  buildOnDemand,
  destroyDomain,
  encodeAccess,
  isFinding,
  migrate,
  Host,
  offlineFrame,
  pageOut,
  reliableLink,
  restoreCheckpoint,
  saveCheckpoint,
  sharePages,
} from '../../../../engine/index.js';
import { mapForeign } from '../../../../engine/domain/foreign-mapping.js';
import { FrameState, FrameType } from '../../../../engine/host/frame-table.js';
import { Place } from '../../../../engine/models/page-places.js';
import { beginLogDirty } from '../../../../engine/operations/log-dirty.js';
import { domainOn } from '../../support.js';
import { assignDevice, removeDevice } from '../../../../engine/devices/assign-device.js';
import { busyGuest, deviceOf, expectIntact, guestOn, onDemandGuest, sameContents, twoBanks } from './support.js';

const [A, B] = [asPfn(3), asPfn(5)];

const sharing = () => {
  const host = twoBanks();
  const first = guestOn(host, 'first', 12);
  const second = guestOn(host, 'second', 12);
  for (const domain of [first, second]) {
    domain.free.takeAll((pfn) => pfn === A || pfn === B);
    domain.mapPage(0, domain === first ? A : B, true);
  }
  sameContents(host, [first, A], [second, B]);
  const payer = host.simulation.ledger.account('tool');
  const request = { first: { domain: first, pfn: A }, second: { domain: second, pfn: B }, payer };
  return { host, first, second, payer, request };
};

describe('sharing', () => {
  it('puts two pages of equal contents on one frame that nobody owns, and frees the other', () => {
    const { host, first, second, request } = sharing();
    const free = host.heap.freeFrames;
    expect(sharePages(request)).toBe(null);
    const mfn = first.model.machineFrame(A);
    expect(second.model.machineFrame(B)).toBe(mfn);
    expect(host.frames.state(mfn)).toBe(FrameState.shared);
    expect([host.frames.type(mfn), host.frames.typeCount(mfn)]).toEqual([FrameType.shared, 2]);
    expect(host.heap.freeFrames).toBe(free + 1);
    expectIntact(first, second);
    first.readKernel(A);
    second.readKernel(B);
    expectIntact(first, second);
  });

  it('is broken by the first write with one fault, one copy and a flush; the last one keeps the frame, without a copy', () => {
    const { host, first, second, request } = sharing();
    sharePages(request);
    const shared = first.model.machineFrame(A);
    first.readKernel(A);
    const copies = (): number[] => [first, second].map(({ account }) => account.count('pageCopy'));
    expect(first.writePage(0)).toBe(null);
    expect(first.account.count('sharedWriteFault')).toBe(1);
    expect(copies()).toEqual([1, 0]);
    expect(first.model.machineFrame(A)).not.toBe(shared);
    expect(second.model.machineFrame(B)).toBe(shared);
    expectIntact(first, second);
    second.writeKernel(B);
    expect(second.account.count('sharedWriteFault')).toBe(1);
    expect(copies()).toEqual([1, 0]);
    expect(host.frames.owner(shared)).toBe(second.id);
    expectIntact(first, second);
    first.writePage(0);
    expect(first.account.count('sharedWriteFault')).toBe(1);
  });

  it('leaves a page that the program may only read shared: the write is refused, nothing is copied', () => {
    const { first, second, request } = sharing();
    first.unmapPage(0);
    first.free.takeAll((pfn) => pfn === A);
    first.mapPage(0, A, false);
    sharePages(request);
    expect(first.writePage(0)).toMatchObject({ rule: 'writable' });
    expect(first.account.count('sharedWriteFault')).toBe(0);
    expectIntact(first, second);
  });

  it('is refused where contents differ, and twice', () => {
    const { request, second, first } = sharing();
    second.writeKernel(B);
    expect(sharePages(request)).toMatchObject({ rule: 'same-contents' });
    sameContents(first.host, [first, A], [second, B]);
    expect(sharePages(request)).toBe(null);
    expect(sharePages(request)).toMatchObject({ rule: 'two-frames' });
  });

  it('joins two shared frames into one, with all pages that stand on either', () => {
    const host = twoBanks();
    const guests = [0, 1, 2, 3].map((index) => guestOn(host, `guest ${index}`, 8));
    const payer = host.simulation.ledger.account('tool');
    const stamp = host.simulation.nextStamp();
    for (const domain of guests) domain.fillKernel(A, stamp);
    const share = (one: number, other: number): unknown =>
      sharePages({ first: { domain: guests[one], pfn: A }, second: { domain: guests[other], pfn: A }, payer });
    expect([share(0, 1), share(2, 3), share(3, 1)]).toEqual([null, null, null]);
    expect(new Set(guests.map(({ model }) => model.machineFrame(A))).size).toBe(1);
    expect(host.frames.typeCount(guests[0].model.machineFrame(A))).toBe(4);
    expectIntact(...guests);
    guests.forEach((domain) => domain.writeKernel(A));
    expectIntact(...guests);
  });

  it('breaks for a domain that maps the page, and says so when there is no frame for it', () => {
    const { host, first, second, request } = sharing();
    const control = domainOn(host, 'control', 'insert', 12);
    sharePages(request);
    const all = guestOn(host, 'all', host.heap.freeFrames);
    expect(mapForeign(control, first, [A], { writable: false, firstPage: 0 })).toMatchObject({
      operation: 'map foreign',
      rule: 'heap-has-room',
    });
    expect(first.writePage(0)).toMatchObject({ operation: 'access', rule: 'heap-has-room' });
    destroyDomain(all, control.account);
    expect(isFinding(mapForeign(control, first, [A], { writable: true, firstPage: 0 }))).toBe(false);
    expect(host.frames.owner(first.model.machineFrame(A))).toBe(first.id);
    expectIntact(first, second, control);
  });

  it('is given up by the balloon and at the end of a domain; the last one frees the frame', () => {
    const { host, first, second, request } = sharing();
    sharePages(request);
    second.unmapPage(0);
    expect(second.balloon.out()).toBe(B);
    expectIntact(first, second);
    expect(second.balloon.in(B)).toBe(null);
    sameContents(host, [first, A], [second, B]);
    sharePages(request);
    destroyDomain(first, host.simulation.ledger.account('tool'));
    expectIntact(second);
    destroyDomain(second, host.simulation.ledger.account('tool'));
    expect(host.heap.freeFrames).toBe(128);
  });

  it('moves with its frame when that is taken out of use', () => {
    const { host, first, second, request, payer } = sharing();
    sharePages(request);
    const mfn = first.model.machineFrame(A);
    expect(offlineFrame({ host, mfn, payer })).toBe(null);
    expect(host.frames.state(mfn)).toBe(FrameState.offlined);
    expect(first.model.machineFrame(A)).toBe(second.model.machineFrame(B));
    expectIntact(first, second);
  });

  it('does not stop log-dirty: a write to a shared page is logged at its own guest frame', () => {
    const { first, second, request } = sharing();
    sharePages(request);
    beginLogDirty(second, first, () => {});
    first.readKernel(A);
    first.writePage(0);
    expect(first.dirtyLog!.dirty()).toContain(A);
    expectIntact(first, second);
  });
});

describe('paging out', () => {
  const scene = (slots = 8) => {
    const host = twoBanks();
    host.pagingDisk = new PagingDisk(host.simulation.arena, slots);
    const domain = guestOn(host, 'guest', 16);
    const pfn = domain.free.take()!;
    domain.mapPage(0, pfn, true);
    domain.writePage(0);
    return { host, domain, pfn, pager: host.simulation.ledger.account('pager') };
  };

  it('frees the frame, and the next access reads the page in: a fault and a read from disk, once', () => {
    const { host, domain, pfn, pager } = scene();
    const free = host.heap.freeFrames;
    expect(pageOut({ domain, pfns: [pfn], pager })).toBe(null);
    expect(host.heap.freeFrames).toBe(free + 1);
    expect(pager.count('diskWrite')).toBe(1);
    expect(host.pagingDisk!.emptySlots).toBe(7);
    expectIntact(domain);
    expect(domain.readKernel(pfn)).toBe(domain.log.stamp(pfn));
    expect(domain.account.count('absentPageFault')).toBe(1);
    expect(domain.account.count('diskRead')).toBe(1);
    expect(host.pagingDisk!.emptySlots).toBe(8);
    expect(domain.writePage(0)).toBe(null);
    expect(domain.account.count('diskRead')).toBe(1);
    expectIntact(domain);
  });

  it('ends at a page table, at a page that is mapped by others, and when the disk is full', () => {
    const { host, domain, pfn, pager } = scene(2);
    const [root] = domain.pageTable.tablePfns;
    expect(pageOut({ domain, pfns: [root], pager })).toMatchObject({ rule: 'no-page-table' });
    const control = domainOn(host, 'control', 'insert', 12);
    const mapping = mapForeign(control, domain, [asPfn(9)], { writable: false, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    expect(pageOut({ domain, pfns: [pfn, asPfn(9)], pager })).toMatchObject({ rule: 'not-referenced' });
    expect(pageOut({ domain, pfns: [asPfn(10), asPfn(11)], pager })).toMatchObject({ rule: 'disk-has-room' });
    expect(pageOut({ domain, pfns: [pfn], pager })).toMatchObject({ rule: 'own-frame' });
    expectIntact(domain, control);
  });

  it('finds no frame to read a page into: the access is a finding, and the page stays on its disk', () => {
    const { host, domain, pfn, pager } = scene();
    pageOut({ domain, pfns: [pfn], pager });
    guestOn(host, 'all', host.heap.freeFrames);
    expect(domain.writePage(0)).toMatchObject({ operation: 'access', rule: 'heap-has-room' });
    expectIntact(domain);
  });

  it('reads a page in for a domain that maps it; drops it from the disk when the guest gives it up or ends', () => {
    const { host, domain, pfn, pager } = scene();
    const control = domainOn(host, 'control', 'insert', 12);
    pageOut({ domain, pfns: [pfn, asPfn(10), asPfn(11)], pager });
    const mapping = mapForeign(control, domain, [pfn], { writable: false, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    expect(host.frames.contents(mapping.read(0))).toBe(domain.log.stamp(pfn));
    mapping.unmap();
    domain.free.takeAll((other) => other === 10);
    expect(domain.balloon.release(asPfn(10))).toBe(10);
    expect(host.pagingDisk!.emptySlots).toBe(7);
    expectIntact(domain, control);
    destroyDomain(domain, pager);
    expect(host.pagingDisk!.emptySlots).toBe(8);
    expectIntact(control);
  });

  it('keeps a guest from moving to another host', () => {
    const { host, domain, pfn, pager } = scene();
    const control = domainOn(host, 'control', 'insert', 16);
    const other = new Host('other', host.simulation);
    const targetControl = domainOn(other, 'other control', 'insert', 16);
    pageOut({ domain, pfns: [pfn], pager });
    const link = reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 });
    const refusal = migrate({ guest: domain, control, targetControl, link });
    expect(refusal).toMatchObject({ rule: 'memory-in-frames-of-its-own' });
  });
});

describe('populate on demand', () => {
  it('takes frames for a quarter of the pages and gives each touched page one', () => {
    const host = twoBanks();
    const domain = onDemandGuest(host, 32, 8);
    expect(host.heap.freeFrames).toBe(120);
    expectIntact(domain);
    for (let page = 0; page < 8; page += 1) domain.writeKernel(asPfn(page));
    expect(domain.account.count('absentPageFault')).toBe(8);
    expect(domain.model.overcommit!.cache.frames).toHaveLength(0);
    expectIntact(domain);
  });

  it('takes frames back from pages that are all zero, and what was written is never taken', () => {
    const host = twoBanks();
    const domain = onDemandGuest(host, 32, 8);
    for (let page = 0; page < 4; page += 1) domain.writeKernel(asPfn(page));
    for (let page = 4; page < 8; page += 1) domain.readKernel(asPfn(page));
    expectIntact(domain);
    domain.writeKernel(asPfn(20));
    expect(domain.account.count('zeroCheck')).toBe(8);
    expect(domain.model.overcommit!.places.at(asPfn(4))).toBe(Place.onDemand);
    expect(domain.model.overcommit!.cache.frames).toHaveLength(3);
    for (let page = 21; page < 24; page += 1) domain.writeKernel(asPfn(page));
    expectIntact(domain);
  });

  it('is out of memory when more is written than there are frames: a finding that names the guest frame', () => {
    const host = twoBanks();
    const domain = onDemandGuest(host, 32, 8);
    domain.mapPage(0, asPfn(30), true);
    for (let page = 10; page < 15; page += 1) domain.writeKernel(asPfn(page));
    const refusal = domain.writePage(0);
    expect(refusal).toMatchObject({ operation: 'access', rule: 'on-demand-frames' });
    expect(isFinding(refusal) && refusal.detail).toContain('0x1e');
    expectIntact(domain);
  });

  it('stops a program that touches more than there are frames, with the finding', () => {
    const host = twoBanks();
    const domain = onDemandGuest(host, 32, 8);
    for (let vpn = 0; vpn < 8; vpn += 1) domain.mapPage(vpn, domain.free.take()!, true);
    let next = 0;
    const fill = (buffer: Uint32Array): number => {
      buffer[0] = encodeAccess(next, true);
      next += 1;
      return 1;
    };
    const program = new Program(domain, { pages: 8, fill }, 10);
    program.runUntil(1e6);
    expect(program.ended).toBe(true);
    expect(program.accesses).toBe(5);
    expect(program.refusal).toMatchObject({ rule: 'on-demand-frames' });
    expectIntact(domain);
  });

  it('keeps frames that the balloon gives up while it is short of them, then gives them to the heap', () => {
    const host = twoBanks();
    const domain = onDemandGuest(host, 12, 8);
    const balloon = (pfn: number): void => {
      domain.free.takeAll((other) => other === pfn);
      expect(domain.balloon.release(asPfn(pfn))).toBe(pfn);
    };
    for (let page = 0; page < 8; page += 1) domain.writeKernel(asPfn(page));
    balloon(0);
    expect(host.heap.freeFrames).toBe(120);
    expect(domain.model.overcommit!.cache.frames).toHaveLength(1);
    for (const pfn of [9, 10, 11]) balloon(pfn);
    balloon(1);
    expect(host.heap.freeFrames).toBe(121);
    domain.writeKernel(asPfn(8));
    expectIntact(domain);
  });

  it('gives all back when the domain ends, and moves waiting frames out of a bad DIMM', () => {
    const host = twoBanks();
    const domain = onDemandGuest(host, 32, 8);
    const [mfn] = domain.model.overcommit!.cache.frames;
    expect(offlineFrame({ host, mfn, payer: domain.builder })).toBe(null);
    expect(host.frames.state(mfn)).toBe(FrameState.offlined);
    domain.writeKernel(asPfn(3));
    expectIntact(domain);
    destroyDomain(domain, domain.builder);
    expect(host.heap.freeFrames).toBe(127);
  });
});

it('a checkpoint holds where pages are, what is on the disk, and the frames that wait', () => {
  const { host, first, second, request } = sharing();
  host.pagingDisk = new PagingDisk(host.simulation.arena, 4);
  sharePages(request);
  pageOut({ domain: second, pfns: [asPfn(7)], pager: request.payer });
  const waiting = onDemandGuest(host, 16, 4);
  waiting.writeKernel(asPfn(2));
  const bytes = saveCheckpoint(host.simulation);
  const [copy] = restoreCheckpoint(bytes, { platform: host.simulation.platform }).hosts;
  expect(audit(copy)).toEqual([]);
  expect(Buffer.compare(saveCheckpoint(copy.simulation), bytes)).toBe(0);
  const [left, right, third] = copy.domains.values();
  expect(right.readKernel(asPfn(7))).toBe(second.log.stamp(asPfn(7)));
  left.writeKernel(A);
  third.writeKernel(asPfn(9));
  expectIntact(left, right, third);
  expectIntact(first, second, waiting);
});

describe('what a model cannot do is a finding with its rule', () => {
  it.each([
    ['direct', 'one-owner-an-address'],
    ['p2m', 'guest-knows-its-frames'],
  ] as const)('%s: no sharing, no paging, no populating on demand', (model, rule) => {
    const host = twoBanks();
    host.pagingDisk = new PagingDisk(host.simulation.arena, 4);
    const domain = busyGuest(host, 'guest', model);
    const other = guestOn(host, 'other', 8);
    const payer = domain.builder;
    const frame = `0x${domain.model.machineFrame(domain.model.ownedFrames()[0]).toString(16)}`;
    const share = sharePages({
      first: { domain, pfn: A },
      second: { domain: other, pfn: A },
      payer,
      hypothetical: true,
    });
    expect(share).toMatchObject({ operation: 'share', rule });
    expect(share!.detail).toContain(frame);
    expect(pageOut({ domain, pfns: [A], pager: payer })).toMatchObject({ operation: 'page out', rule });
    const spec = { name: 'new', model, builder: payer };
    expect(buildOnDemand(host, spec, { pages: 8, frames: 4 })).toMatchObject({ operation: 'populate on demand', rule });
    expect(host.domains.size).toBe(2);
    expectIntact(domain, other);
  });

  it('insert: sharing is hypothetical and must be asked for; paging and populating on demand it does not have', () => {
    const host = twoBanks();
    const [first, second] = ['first', 'second'].map((name) => domainOn(host, name, 'insert', 12));
    sameContents(host, [first, A], [second, A]);
    const request = { first: { domain: first, pfn: A }, second: { domain: second, pfn: A }, payer: first.builder };
    expect(sharePages(request)).toMatchObject({ rule: 'hypothetical-asked-for' });
    expect(sharePages({ ...request, hypothetical: true })).toBe(null);
    expect(pageOut({ domain: first, pfns: [B], pager: first.builder })).toMatchObject({ rule: 'model-has-it' });
    const built = buildOnDemand(
      host,
      { name: 'new', model: 'insert', builder: first.builder },
      { pages: 8, frames: 4 },
    );
    expect(built).toMatchObject({ rule: 'model-has-it' });
    expectIntact(first, second);
  });

  it('a domain with a device assigned: none of them; and no device while memory is elsewhere', () => {
    const host = twoBanks();
    host.pagingDisk = new PagingDisk(host.simulation.arena, 4);
    const domain = guestOn(host, 'driver', 8);
    const device = deviceOf(domain);
    expect(pageOut({ domain, pfns: [A], pager: domain.builder })).toMatchObject({ rule: 'no-device' });
    removeDevice(device);
    expect(pageOut({ domain, pfns: [A], pager: domain.builder })).toBe(null);
    const spec = { name: 'nic', addressBits: 64 };
    expect(assignDevice(domain, spec)).toMatchObject({ rule: 'memory-in-frames-of-its-own' });
  });

  it('a guest that can read its p2m, or whose writes are logged: none of them', () => {
    const host = twoBanks();
    host.pagingDisk = new PagingDisk(host.simulation.arena, 4);
    const exposed = domainOn(host, 'exposed', 'insert', 8, { exposedP2m: true });
    const logged = guestOn(host, 'logged', 8);
    beginLogDirty(exposed, logged, () => {});
    const ways = { share: 'exists', 'page out': 'exists', 'populate on demand': 'exists' };
    Object.assign(exposed.model.overcommit!, { support: ways });
    expect(pageOut({ domain: exposed, pfns: [A], pager: exposed.builder })).toMatchObject({ rule: 'p2m-not-exposed' });
    expect(pageOut({ domain: logged, pfns: [A], pager: exposed.builder })).toMatchObject({ rule: 'not-while-logging' });
  });
});
