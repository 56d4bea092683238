import { describe, expect, it } from 'vitest';
import { PagingDisk, asPfn, audit, pageOut, relocatePages, sharePages } from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { copyGrants } from '../../../engine/grants/copy-grants.js';
import { mapGrantedPages } from '../../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { XEN_4_17 } from '../../../engine/grants/rules.js';
import { transferFrames } from '../../../engine/grants/transfer-frames.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';
import { ok, pairOf } from './support.js';

describe('a P2M domain whose frames were moved while it was suspended', () => {
  it.each([1, 2] as const)('grants the pages that it granted before, in a table of version %i', (version) => {
    const { granter, mapper, references } = pairOf('p2m', 'p2m', { version });
    const [kept, moved] = [granter.free.take()!, granter.free.take()!];
    for (const pfn of [kept, moved]) granter.writeKernel(pfn);
    const numbers = [kept, moved].map((pfn) => ok(references.grantAccess(mapper, pfn, 'write')));
    expect(relocatePages({ domain: granter, pfns: [moved], payer: granter.builder }).moved).toBe(1);
    const requests = numbers.map((reference) => ({ granter, reference, writable: true }));
    const mapping = ok(mapGrantedPages(mapper, requests, 0));
    const { frames } = granter.host;
    expect([0, 1].map((index) => frames.contents(mapping.read(index)))).toEqual(
      [kept, moved].map((pfn) => granter.log.stamp(pfn)),
    );
    expect(audit(granter.host)).toEqual([]);
  });
});

describe('a domain to which a frame was transferred', () => {
  it.each(['p2m', 'insert'] as const)('finds its place also when the frame there is another one now: %s', (model) => {
    const { granter, mapper, references } = pairOf(model, 'p2m');
    const place = ok(granter.balloon.out());
    const reference = ok(references.awaitFrame(mapper, place));
    expect(transferFrames(mapper, [{ pfn: mapper.free.take()!, to: granter, reference }])).toEqual([null]);
    relocatePages({ domain: granter, pfns: [place], payer: granter.builder });
    expect(references.endTransfer(reference)).toBe(place);
  });
});

it('a P2M domain maps at places of frames that nobody else maps: those of others stay with it', () => {
  const { granter, mapper, references } = pairOf('p2m', 'p2m');
  const tool = domainOn(granter.host, 'tool', 'insert', 24);
  const [next] = mapper.free.copy();
  const held = ok(mapForeign(tool, mapper, [next], { writable: false, firstPage: 0 }));
  const pfn = granter.free.take()!;
  const reference = ok(references.grantAccess(mapper, pfn, 'write'));
  ok(mapGrantedPages(mapper, [{ granter, reference, writable: true }], 0));
  expect(held.read(0)).toBe(mapper.model.machineFrame(next));
  expect(mapper.model.ownedFrames()).toContain(next);
  expect(audit(granter.host)).toEqual([]);
});

describe('a copy of a page of one’s own that is in no frame of its own', () => {
  const twoGuests = () => {
    const pagingPool = { pagesAVcpu: 40, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 };
    const host = hostOf(radixPlatformOf([[0, 512]], { scheme: radixScheme(), pagingPool, grants: XEN_4_17 }));
    host.pagingDisk = new PagingDisk(host.simulation.arena, 4);
    const [from, to] = [domainOn(host, 'from', 'nested', 40), domainOn(host, 'to', 'nested', 40)];
    const target = asPfn(30);
    const reference = ok(ok(GrantReferences.open(to)).grantAccess(from, target, 'write'));
    return { host, from, to, target, reference };
  };

  it('brings it from the disk', () => {
    const { host, from, to, target, reference } = twoGuests();
    const own = asPfn(35);
    expect(pageOut({ domain: from, pfns: [own], pager: from.builder })).toBe(null);
    const request = { source: { own }, destination: { granter: to, reference } };
    expect(copyGrants(from, [request])).toEqual([null]);
    expect(host.frames.contents(to.model.machineFrame(target))).toBe(from.log.stamp(own));
    expect(host.pagingDisk!.emptySlots).toBe(4);
  });

  it('reads a shared one where it is, and gives it a frame of its own before it is written', () => {
    const { host, from, to, target, reference } = twoGuests();
    const [own, other] = [asPfn(35), asPfn(36)];
    to.fillKernel(other, from.log.stamp(own));
    const shared = { first: { domain: from, pfn: own }, second: { domain: to, pfn: other }, payer: from.builder };
    expect(sharePages(shared)).toBe(null);
    const granted = { granter: to, reference };
    expect(copyGrants(from, [{ source: { own }, destination: granted }])).toEqual([null]);
    expect(from.model.overcommit!.isShared(own)).toBe(true);
    to.writeKernel(target);
    expect(copyGrants(from, [{ source: granted, destination: { own } }])).toEqual([null]);
    expect(from.model.overcommit!.isShared(own)).toBe(false);
    expect(host.frames.contents(from.model.machineFrame(own))).toBe(to.log.stamp(target));
    expect(to.readKernel(other)).toBe(to.log.stamp(other));
  });
});
