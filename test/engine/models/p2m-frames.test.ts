import { describe, expect, it } from 'vitest';
import {
  type Platform,
  asPfn,
  audit,
  buildDomain,
  destroyDomain,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../engine/index.js';
import { PAGE, domainOn, hashScheme, hostOf, platformOf, vhptScheme } from '../support.js';

/** 64 entries a page of 16 KiB. */
const ENTRIES = 64;
const rule = (levels: number): Pick<Platform, 'hypervisorP2m'> => ({
  hypervisorP2m: { entryBytes: PAGE / ENTRIES, levels },
});

describe('the p2m that the hypervisor keeps under VP by insert', () => {
  it.each([
    // An array of 150 entries; a tree of three levels has one page more on each of the upper two.
    ['an array', 1, 3],
    ['a tree', 3, 3 + 1 + 1],
    ['a tree with two pages on its second level', 3, 65 + 2 + 1],
  ] as const)('is %s in frames of its own, which go when the domain goes', (title, levels, expected) => {
    const pages = title.endsWith('level') ? ENTRIES * ENTRIES + 1 : 150;
    for (const scheme of [vhptScheme(), hashScheme({ memoryToTable: 2 ** 20 })]) {
      const host = hostOf(platformOf([[0, 8192]], { scheme, ...rule(levels) }));
      const free = host.heap.freeFrames;
      const domain = domainOn(host, 'guest', 'insert', pages);
      expect(host.hypervisor.pages('p2m', domain.id)).toBe(expected);
      expect(free - host.heap.freeFrames).toBe(pages + host.hypervisor.pagesFor(domain.id));
      expect(audit(host)).toEqual([]);
      expect(destroyDomain(domain, domain.builder)).toBeNull();
      expect([host.heap.freeFrames, audit(host)]).toEqual([free, []]);
    }
  });

  it('stays as it is when pages are given up and come back, and in a checkpoint', () => {
    const host = hostOf(platformOf([[0, 1024]], rule(3)));
    const domain = domainOn(host, 'guest', 'insert', 150);
    const before = host.hypervisor.pages('p2m');
    const given = Array.from({ length: 64 }, () => domain.balloon.out());
    expect(host.hypervisor.pages('p2m')).toBe(before);
    const { simulation } = host;
    const { platform } = simulation;
    const again = restoreCheckpoint(saveCheckpoint(simulation), { platform }).hosts[0];
    for (const each of [host, again]) {
      const guest = each.domains.get(domain.id)!;
      for (const pfn of given) expect(guest.balloon.in(asPfn(pfn as number))).toBeNull();
      expect([each.hypervisor.pages('p2m'), audit(each)]).toEqual([before, []]);
    }
  });

  it.each([vhptScheme(), hashScheme({ memoryToTable: 2 ** 20 })])('has to find room: $kind', (scheme) => {
    const taken = scheme.kind === 'hash' ? 1 : 0;
    for (const [frames, fits] of [
      [150 + 3 + taken, true],
      [150 + 2 + taken, false],
      [2 + taken, false],
    ] as const) {
      const host = hostOf(platformOf([[0, frames]], { scheme, ...rule(1) }));
      const builder = host.simulation.ledger.account('builder');
      const built = buildDomain(host, { name: 'guest', model: 'insert', builder }, 150);
      if (fits) expect('rule' in built).toBe(false);
      else expect(built).toMatchObject({ operation: 'build', rule: 'heap-has-room' });
      if (!fits) expect([host.heap.freeFrames, audit(host)]).toEqual([frames, []]);
    }
  });
});
