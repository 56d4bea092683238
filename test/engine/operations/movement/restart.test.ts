import { describe, expect, it } from 'vitest';
import {
  type CrashedDomain,
  type Domain,
  asPfn,
  buildDomain,
  isFinding,
  restartCrashed,
  takeDownCrashed,
} from '../../../../engine/index.js';
import { mapForeign } from '../../../../engine/domain/foreign-mapping.js';
import { FrameState } from '../../../../engine/host/frame-table.js';
import { nodesPlatform } from '../../numa/support.js';
import { domainOn, hostOf, radixScheme } from '../../support.js';
import { mapBuffer } from '../../../../engine/devices/dma-map.js';
import { busyGuest, deviceOf, expectIntact, framesOf, twoBanks } from './support.js';

const down = (domain: Domain): CrashedDomain => {
  const crashed = takeDownCrashed(domain, domain.builder);
  if (isFinding(crashed)) throw new Error(crashed.detail);
  return crashed;
};

describe('a crashed driver domain', () => {
  it('direct: gets the same frames, scrubbed and kept for it while others take all the rest', () => {
    const host = twoBanks();
    const domain = busyGuest(host, 'driver', 'direct');
    const before = framesOf(domain);
    const crashed = down(domain);
    expect(before.map((mfn) => [host.frames.state(mfn), host.frames.contents(mfn)])).toEqual(
      before.map(() => [FrameState.reserved, 0]),
    );
    const greedy = domainOn(host, 'greedy', 'insert', host.heap.freeFrames);
    expectIntact(greedy);
    const again = restartCrashed(crashed, domain.builder);
    if (isFinding(again)) throw new Error(again.detail);
    expect(framesOf(again)).toEqual(before);
    expectIntact(again, greedy);
  });

  it.each(['p2m', 'insert'] as const)('%s: gets any frames, as many as it had with those ballooned out', (model) => {
    const host = twoBanks();
    const domain = busyGuest(host, 'driver', model);
    domain.balloon.out();
    const crashed = down(domain);
    expect(host.heap.freeFrames).toBe(128);
    const other = domainOn(host, 'other', 'insert', 100);
    const again = restartCrashed(crashed, domain.builder);
    if (isFinding(again)) throw new Error(again.detail);
    expect(again.model.ownedFrames()).toHaveLength(24);
    expectIntact(again, other);
  });

  it('p2m, insert: may find its frames gone; then it cannot start', () => {
    for (const model of ['p2m', 'insert'] as const) {
      const host = twoBanks();
      const domain = busyGuest(host, 'driver', model);
      const crashed = down(domain);
      domainOn(host, 'greedy', 'insert', 120);
      expect(restartCrashed(crashed, domain.builder)).toMatchObject({ operation: 'restart', rule: 'heap-has-room' });
    }
  });

  it.each(['direct', 'p2m', 'insert'] as const)(
    '%s: gives up its devices and what it had mapped of others',
    (model) => {
      const host = twoBanks();
      const guest = busyGuest(host, 'guest', 'insert');
      const driver = busyGuest(host, 'driver', model);
      const mapping = mapForeign(driver, guest, [asPfn(2), asPfn(3)], { writable: true, firstPage: 0 });
      if (isFinding(mapping)) throw new Error(mapping.detail);
      const mapped = mapBuffer(deviceOf(driver), { pfn: asPfn(20), bytes: 100 }, 'from device');
      expect(isFinding(mapped)).toBe(false);
      const pages = down(driver).pages;
      expect(host.dma.devices).toEqual([]);
      expect(pages).toBe(24);
      expect(host.frames.references(guest.model.machineFrame(asPfn(2)))).toBe(1);
      expectIntact(guest);
    },
  );

  it('stays while another domain maps one of its frames, and goes once that is over', () => {
    const host = twoBanks();
    const driver = busyGuest(host, 'driver', 'insert');
    const guest = busyGuest(host, 'guest', 'insert');
    const mapping = mapForeign(guest, driver, [asPfn(2)], { writable: true, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    expect(takeDownCrashed(driver, driver.builder)).toMatchObject({ operation: 'restart', rule: 'not-referenced' });
    mapping.unmap();
    expect(isFinding(takeDownCrashed(driver, driver.builder))).toBe(false);
    expectIntact(guest);
  });

  it('p2m: has as many pages as ever when it could not go at once, those among them that it gave up to map others at', () => {
    const host = twoBanks();
    const guest = busyGuest(host, 'guest', 'insert');
    const driver = busyGuest(host, 'driver', 'p2m');
    const shown = driver.free.copy().at(-1)!;
    const mapping = mapForeign(driver, guest, [asPfn(2), asPfn(3)], { writable: true, firstPage: 0 });
    const holder = mapForeign(guest, driver, [shown], { writable: true, firstPage: 0 });
    if (isFinding(mapping) || isFinding(holder)) throw new Error('not mapped');
    expect(takeDownCrashed(driver, driver.builder)).toMatchObject({ rule: 'not-referenced' });
    holder.unmap();
    expect(down(driver).pages).toBe(24);
  });

  it('has the virtual processors and the nodes for its memory that it had', () => {
    const host = hostOf(nodesPlatform(2, 4096, { scheme: radixScheme(), pageBytes: 512 }));
    const builder = host.simulation.ledger.account('builder');
    const affinity = { nodes: [1], spread: 'allocations' } as const;
    const domain = buildDomain(host, { name: 'driver', model: 'nested', vcpus: 3, affinity, builder }, 256);
    if (isFinding(domain)) throw new Error(domain.detail);
    const again = restartCrashed(down(domain), builder);
    if (isFinding(again)) throw new Error(again.detail);
    expect([again.vcpus, again.affinity?.spec]).toEqual([3, affinity]);
  });
});
