import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Domain, type Pfn, audit, isFinding, verifyContents } from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { inflateBalloon } from '../../../engine/linux/virtio-balloon.js';
import { domainOn } from '../support.js';
import { type Machine, linuxOn } from './support.js';

const BALLOON = ['pageAllocate', 'ringEntry', 'notification', 'p2mLookup', 'memoryOperation', 'upcall'] as const;

/** Counts of what the balloon does, without the frames that go to the host's heap one by one. */
const countsOf = (machine: Machine, freed: number): number[] => {
  const counts = machine.counts();
  return BALLOON.map((event) => (counts[event] ?? 0) - (event === 'pageAllocate' ? freed : 0));
};

/** The guest's kernel keeps every frame but those that pass, in this order. */
const leaveFree = (domain: Domain, fits: (place: number) => boolean): Pfn[] => {
  const all = domain.free.copy();
  domain.free.set(all.filter((_, place) => fits(place)));
  return all.filter((_, place) => !fits(place));
};

describe('the balloon of virtio', () => {
  it.each([
    [1, 1],
    [256, 1],
    [257, 2],
    [1000, 4],
  ])('in pages, looks up and releases each of %i, and waits for %i buffers', (pages, buffers) => {
    const machine = linuxOn('nested', 4000);
    const free = machine.domain.host.heap.freeFrames;
    machine.counts();
    expect(inflateBalloon(machine.kernel, pages, 'pages')).toBeNull();
    expect(machine.domain.host.heap.freeFrames - free).toBe(pages);
    expect(countsOf(machine, pages)).toEqual([pages, pages, buffers, pages, pages, buffers]);
    expect(machine.violations()).toEqual([]);
  });

  it.each([
    ['one run', () => true, 900, 1, 1],
    ['every other page', (place: number) => place % 2 === 0, 900, 900, 8],
    ['runs of three', (place: number) => place % 4 !== 0, 900, 300, 3],
  ])('in ranges, takes %s by a look-up and a release each', (_, fits, pages, ranges, notifications) => {
    const machine = linuxOn('nested', 4000);
    leaveFree(machine.domain, fits);
    const free = machine.domain.host.heap.freeFrames;
    machine.counts();
    expect(inflateBalloon(machine.kernel, pages, 'ranges')).toBeNull();
    expect(machine.domain.host.heap.freeFrames - free).toBe(pages);
    expect(countsOf(machine, pages)).toEqual([pages, ranges, notifications, ranges, ranges, notifications]);
    expect(machine.violations()).toEqual([]);
  });

  it('finds runs whatever order the pages came in', () => {
    const machine = linuxOn('nested', 2000);
    const { domain } = machine;
    domain.free.set(domain.free.copy().toReversed());
    machine.counts();
    expect(inflateBalloon(machine.kernel, 500, 'ranges')).toBeNull();
    expect(machine.counts().memoryOperation).toBe(1);
  });

  it.each(['pages', 'ranges'] as const)('in %s, keeps all from a page on that another domain maps', (naming) => {
    const { domain, kernel } = linuxOn('nested', 2000);
    const { heap } = domain.host;
    const tool = domainOn(domain.host, 'tool', 'nested', 16);
    const next = domain.free.copy();
    expect(isFinding(mapForeign(tool, domain, [next[40]], { writable: false, firstPage: 0 }))).toBe(false);
    const [free, kernelFree] = [heap.freeFrames, domain.free.count];
    expect(inflateBalloon(kernel, 100, naming)).toMatchObject({ operation: 'balloon out', rule: 'not-referenced' });
    expect([heap.freeFrames - free, kernelFree - domain.free.count]).toEqual([40, 40]);
    expect(new Set(domain.free.copy()).size).toBe(domain.free.count);
    expect(audit(domain.host)).toEqual([]);
  });

  it('is refused where the guest names machine frames, and where too few are free', () => {
    expect(inflateBalloon(linuxOn('p2m', 600).kernel, 1, 'ranges')).toMatchObject({ rule: 'memory-of-a-process' });
    const { domain, kernel } = linuxOn('nested', 600);
    const free = domain.free.count;
    expect(inflateBalloon(kernel, free + 1, 'ranges')).toMatchObject({ rule: 'free-frames' });
    expect(domain.free.count).toBe(free);
  });

  it('gives up the same pages either way, whatever is free, and leaves the rest as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), fc.nat(60), (kept, pages) => {
        const [one, other] = (['pages', 'ranges'] as const).map((naming) => {
          const { domain, kernel } = linuxOn('nested', 700);
          leaveFree(domain, (place) => kept[place % kept.length]);
          const wanted = Math.min(pages, domain.free.count);
          expect(inflateBalloon(kernel, wanted, naming)).toBeNull();
          expect(audit(domain.host)).toEqual([]);
          expect(verifyContents(domain).wrongFrames).toEqual([]);
          return [...domain.balloon.frames].toSorted((a, b) => a - b);
        });
        expect(other).toEqual(one);
      }),
      { numRuns: 15 },
    );
  });
});
