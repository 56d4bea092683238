import { describe, expect, it } from 'vitest';
import { asPfn, isFinding, offlineFrame, relocatePages, vacate } from '../../../../engine/index.js';
import { mapForeign } from '../../../../engine/domain/foreign-mapping.js';
import { FrameState } from '../../../../engine/host/frame-table.js';
import { nodeOf, takerOnNode } from '../../../../engine/numa/node-of.js';
import { bringOnline } from '../../../../engine/host/offline-frames.js';
import { domainOn } from '../../support.js';
import { mapBuffer, unmapBuffer } from '../../../../engine/devices/dma-map.js';
import { busyGuest, deviceOf, expectIntact, framesOf, twoBanks } from './support.js';

describe('relocation without the guest', () => {
  it('is refused for every page of a direct domain, naming its frame: the address is the frame', () => {
    const host = twoBanks();
    const domain = busyGuest(host, 'driver', 'direct');
    const before = framesOf(domain);
    const { moved, blocked } = relocatePages({ domain, pfns: domain.model.ownedFrames(), payer: domain.builder });
    expect(moved).toBe(0);
    expect(blocked.map(({ mfn }) => mfn)).toEqual(before);
    expect(new Set(blocked.map(({ finding }) => finding.rule))).toEqual(new Set(['address-is-frame']));
    expect(framesOf(domain)).toEqual(before);
  });

  it.each(['p2m', 'insert'] as const)(
    'of %s moves every page, page tables too, to the other node and loses nothing',
    (model) => {
      const host = twoBanks();
      const domain = busyGuest(host, 'guest', model);
      const to = framesOf(domain).every((mfn) => nodeOf(host, mfn) === 1) ? 0 : 1;
      const result = relocatePages({
        domain,
        pfns: domain.model.ownedFrames(),
        payer: domain.builder,
        take: takerOnNode(host, to),
      });
      expect(result).toMatchObject({ moved: 24, blocked: [] });
      expect(framesOf(domain).every((mfn) => nodeOf(host, mfn) === to)).toBe(true);
      expectIntact(domain);
      expect(domain.writePage(0)).toBe(null);
      expect(domain.writePage(3)).toMatchObject({ rule: 'writable' });
      domain.mapPage(700, domain.free.take()!, true);
      expectIntact(domain);
    },
  );

  it('of p2m suspends once, reads every present entry once and rewrites those of moved frames', () => {
    const host = twoBanks();
    const domain = busyGuest(host, 'guest', 'p2m');
    const [root, middle, leaf] = domain.pageTable.tablePfns;
    const page = domain.log.mapped(1);
    const payer = host.simulation.ledger.account('tool');
    const stalls: number[] = [];
    const { pausedNs } = relocatePages({ domain, pfns: [page, leaf], payer, stall: (ns) => stalls.push(ns) });
    expect(payer.count('suspend')).toBe(1);
    expect(payer.count('resume')).toBe(1);
    expect([root, middle, leaf].length).toBe(domain.pageTable.tablePfns.length);
    expect(payer.count('tableEntryTranslate')).toBe(1 + 1 + 4);
    expect(payer.count('pteStore')).toBe(2);
    expect(payer.count('pageCopy')).toBe(2);
    expect(pausedNs).toBe(payer.cpuNs + 1);
    expect(stalls).toEqual([pausedNs]);
    expectIntact(domain);
  });

  it('of insert stops for no suspend and rewrites no entry: copy, repoint, drop translations', () => {
    const host = twoBanks();
    const domain = busyGuest(host, 'guest', 'insert');
    const payer = host.simulation.ledger.account('tool');
    relocatePages({ domain, pfns: [asPfn(3), asPfn(4)], payer });
    expect(['suspend', 'tableEntryTranslate', 'pteStore'].map((event) => payer.count(event as 'suspend'))).toEqual([
      0, 0, 0,
    ]);
    expect(payer.count('pageCopy')).toBe(2);
    expect(domain.account.count('flushAll')).toBe(1);
    expectIntact(domain);
  });

  it('scrubs the frame that was left', () => {
    const host = twoBanks();
    const domain = busyGuest(host, 'guest', 'insert');
    const before = domain.model.machineFrame(asPfn(3));
    relocatePages({ domain, pfns: [asPfn(3)], payer: domain.builder });
    expect(host.frames.contents(before)).toBe(0);
    expect(host.heap.isFree(before)).toBe(true);
  });

  it.each(['p2m', 'insert'] as const)('of %s refuses a frame that another domain maps', (model) => {
    const host = twoBanks();
    const domain = busyGuest(host, 'guest', model);
    const control = domainOn(host, 'control', 'insert', 12);
    const mapping = mapForeign(control, domain, [asPfn(2)], { writable: false, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    const { moved, blocked } = relocatePages({ domain, pfns: [asPfn(1), asPfn(2)], payer: domain.builder });
    expect(moved).toBe(1);
    expect(blocked).toMatchObject([{ mfn: domain.model.machineFrame(asPfn(2)), finding: { rule: 'not-referenced' } }]);
  });

  it('refuses a frame that a device was told of, until its driver takes the buffer back', () => {
    for (const model of ['p2m', 'insert'] as const) {
      const domain = busyGuest(twoBanks(), 'guest', model);
      const device = deviceOf(domain);
      const mapping = mapBuffer(device, { pfn: asPfn(9), bytes: 100 }, 'from device');
      if (isFinding(mapping)) throw new Error(mapping.detail);
      const move = () => relocatePages({ domain, pfns: [asPfn(8), asPfn(9)], payer: domain.builder });
      const { moved, blocked } = move();
      expect(moved).toBe(1);
      expect(blocked.map(({ finding }) => finding.rule)).toEqual(['not-mapped-for-dma']);
      unmapBuffer(mapping);
      expect(move()).toMatchObject({ moved: 2, blocked: [] });
      expectIntact(domain);
    }
  });

  it('moves as many as the heap has frames for and names those that stay', () => {
    const host = twoBanks();
    const domain = busyGuest(host, 'guest', 'insert');
    domainOn(host, 'other', 'insert', host.heap.freeFrames - 2);
    const { moved, blocked } = relocatePages({ domain, pfns: [0, 1, 2, 3].map(asPfn), payer: domain.builder });
    expect(moved).toBe(2);
    expect(blocked.map(({ finding }) => finding.rule)).toEqual(['heap-has-room', 'heap-has-room']);
    expectIntact(domain);
  });
});

describe('the guest leaves frames by itself', () => {
  it.each(['direct', 'p2m', 'insert'] as const)(
    '%s: free ones and pages of programs; not page tables, not what its kernel took',
    (model) => {
      const host = twoBanks();
      const domain = busyGuest(host, 'guest', model);
      const kernels = domain.free.take()!;
      const free = domain.free.copy()[0];
      const page = domain.log.mapped(0);
      const [root] = domain.pageTable.tablePfns;
      const { moved, blocked } = vacate(domain, [free, page, root, kernels]);
      expect(moved).toBe(2);
      expect(blocked.map(({ finding }) => finding.rule)).toEqual(['movable', 'movable']);
      expect(blocked.map(({ mfn }) => mfn)).toEqual([root, kernels].map((pfn) => domain.model.machineFrame(pfn)));
      expect(domain.log.mapped(0)).not.toBe(page);
      expectIntact(domain);
    },
  );
});

describe('taking one frame out of use', () => {
  it('takes a free one at once, and a second time it is refused', () => {
    const host = twoBanks();
    const [mfn] = framesOf(domainOn(host, 'guest', 'insert', 1));
    const free = [...Array(64).keys()].find((at) => at !== mfn && host.frames.state(at as never) === FrameState.free)!;
    const request = { host, mfn: free as never, payer: host.simulation.ledger.account('tool') };
    expect(offlineFrame(request)).toBe(null);
    expect(offlineFrame(request)).toMatchObject({ rule: 'in-use-or-free' });
  });

  it.each(['p2m', 'insert'] as const)('saves the page of a %s guest in another frame', (model) => {
    const host = twoBanks();
    const domain = busyGuest(host, 'guest', model);
    const mfn = domain.model.machineFrame(domain.log.mapped(1));
    expect(offlineFrame({ host, mfn, payer: domain.builder })).toBe(null);
    expect(host.frames.state(mfn)).toBe(FrameState.offlined);
    expectIntact(domain);
    bringOnline(host, mfn);
    expect(host.heap.isFree(mfn)).toBe(true);
    expectIntact(domain);
  });

  it('direct: the guest saves its own movable page; for a page table the frame goes offline when it is given up', () => {
    const host = twoBanks();
    const domain = busyGuest(host, 'driver', 'direct');
    const page = domain.model.machineFrame(domain.log.mapped(1));
    expect(offlineFrame({ host, mfn: page, payer: domain.builder })).toBe(null);
    expect(host.frames.state(page)).toBe(FrameState.offlined);
    const table = domain.model.machineFrame(domain.pageTable.tablePfns[0]);
    expect(offlineFrame({ host, mfn: table, payer: domain.builder })).toMatchObject({
      operation: 'offline page',
      rule: 'movable',
    });
    expect(host.frames.state(table)).toBe(FrameState.owned);
    expectIntact(domain);
    const taken = domain.free.take()!;
    const mfn = domain.model.machineFrame(taken);
    offlineFrame({ host, mfn, payer: domain.builder });
    domain.balloon.release(taken);
    expect(host.frames.state(mfn)).toBe(FrameState.offlined);
    expectIntact(domain);
  });
});
