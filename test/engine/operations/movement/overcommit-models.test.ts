import { describe, expect, it } from 'vitest';
import {
  type Domain,
  type Host,
  type ModelId,
  PagingDisk,
  asPfn,
  audit,
  buildOnDemand,
  isFinding,
  pageOut,
  sharePages,
} from '../../../../engine/index.js';
import { verifyContents } from '../../../../engine/operations/verify-contents.js';
import { beginLogDirty, harvestDirty } from '../../../../engine/operations/log-dirty.js';
import { domainOn, hostOf, platformOf, radixPlatformOf, radixScheme } from '../../support.js';

const hostWith = (): Host => {
  const pagingPool = { pagesAVcpu: 160, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 };
  const host = hostOf(radixPlatformOf([[0, 1024]], { scheme: radixScheme(), pagingPool }));
  host.pagingDisk = new PagingDisk(host.simulation.arena, 8);
  return host;
};

const [A, B] = [asPfn(70), asPfn(96)];

/** A guest of 97 pages whose program has two of them, the last page among them. */
const guestOn = (host: Host, name: string, model: ModelId): Domain => {
  const domain = domainOn(host, name, model, 97);
  domain.free.takeAll((pfn) => pfn === A || pfn === B);
  domain.mapPage(0, A, true);
  domain.mapPage(1, B, true);
  for (const vpn of [0, 1]) expect(domain.writePage(vpn)).toBe(null);
  return domain;
};

const expectSound = (host: Host, ...domains: readonly Domain[]): void => {
  expect(audit(host)).toEqual([]);
  for (const domain of domains) expect(verifyContents(domain)).toMatchObject({ wrongFrames: [], wrongPages: [] });
};

const onDemand = (host: Host, model: ModelId, pages: number, frames: number) =>
  buildOnDemand(
    host,
    { name: 'on demand', model, builder: host.simulation.ledger.account('builder') },
    { pages, frames },
  );

describe('memory without frames, where guests are under nested tables', () => {
  it('a page goes to disk and comes back at the next access of the program, in any frame', () => {
    const host = hostWith();
    const guest = guestOn(host, 'guest', 'nested');
    const pager = host.simulation.ledger.account('pager');
    const free = host.heap.freeFrames;
    expect(pageOut({ domain: guest, pfns: [A, B], pager })).toBe(null);
    expect(host.heap.freeFrames).toBe(free + 2);
    expectSound(host, guest);
    expect(guest.writePage(0)).toBe(null);
    expect(guest.readKernel(B)).toBe(guest.log.stamp(B));
    expect([host.heap.freeFrames, host.pagingDisk!.emptySlots]).toEqual([free, 8]);
    expectSound(host, guest);
  });

  it('pages of two guests stand on one frame until a program writes', () => {
    const host = hostWith();
    const [first, second] = [guestOn(host, 'first', 'nested'), guestOn(host, 'second', 'nested')];
    second.fillKernel(B, first.log.stamp(A));
    const free = host.heap.freeFrames;
    const payer = host.simulation.ledger.account('tool');
    expect(sharePages({ first: { domain: first, pfn: A }, second: { domain: second, pfn: B }, payer })).toBe(null);
    expect(second.model.machineFrame(B)).toBe(first.model.machineFrame(A));
    expect(host.heap.freeFrames).toBe(free + 1);
    expect(second.writePage(1)).toBe(null);
    expect(second.model.machineFrame(B)).not.toBe(first.model.machineFrame(A));
    expect(host.heap.freeFrames).toBe(free);
    expectSound(host, first, second);
  });

  it('a write to the last guest frame is logged, also when it was on disk as logging began', () => {
    const host = hostWith();
    const guest = guestOn(host, 'guest', 'nested');
    const tool = domainOn(host, 'tool', 'nested', 20);
    expect(pageOut({ domain: guest, pfns: [B], pager: tool.account })).toBe(null);
    expect(beginLogDirty(tool, guest, () => {})).toBe(null);
    expect(guest.writePage(1)).toBe(null);
    expect(harvestDirty(tool, guest, () => {})).toEqual([B]);
  });
});

describe('populate on demand', () => {
  it.each(['nested', 'shadow'] as const)(
    'under %s a page has a frame from its first access on, while they last',
    (model) => {
      const host = hostWith();
      const guest = onDemand(host, model, 100, 12);
      if (isFinding(guest)) throw new Error(guest.detail);
      const atStart = guest.model.ownedFrames().length;
      const waiting = 12 - atStart;
      const pfns = Array.from({ length: waiting + 1 }, (_, index) => asPfn(80 + index));
      for (const pfn of pfns.slice(0, waiting)) guest.writeKernel(pfn);
      expect(guest.model.ownedFrames()).toHaveLength(12);
      expectSound(host, guest);
      expect(() => guest.writeKernel(pfns[waiting])).toThrow('a sweep found no zero page');
      expectSound(host, guest);
    },
  );

  it.each(['nested', 'shadow'] as const)('under %s a page of zeros gives its frame to the next one', (model) => {
    const host = hostWith();
    const guest = onDemand(host, model, 100, 12);
    if (isFinding(guest)) throw new Error(guest.detail);
    for (let pfn = 60; pfn < 90; pfn += 1) expect(guest.readKernel(asPfn(pfn))).toBe(0);
    expect(guest.model.ownedFrames().length).toBeLessThanOrEqual(12);
    expectSound(host, guest);
  });

  it('insert has none', () => {
    expect(onDemand(hostOf(platformOf([[0, 256]])), 'insert', 100, 12)).toMatchObject({ rule: 'model-has-it' });
  });
});
