import { describe, expect, it } from 'vitest';
import { type Domain, type Host, audit, destroyDomain, isFinding, relocatePages } from '../../../engine/index.js';
import { createBouncePool } from '../../../engine/devices/bounce-pool.js';
import { allocateCoherent, freeCoherent } from '../../../engine/devices/coherent-memory.js';
import { mapBuffer, mapGranted, mapScatterList, unmapBuffer } from '../../../engine/devices/dma-map.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import { type Pfn, asPfn } from '../../../engine/host/frame-number.js';
import { domainOn } from '../support.js';
import { MODELS_HERE, PAGE_BYTES, deviceOf, hostWith, mapped, must, ruleOf } from './support.js';

/** The first of `pages` guest frames in a run that the guest's kernel has taken. */
const taken = (domain: Domain, pages: number): Pfn => domain.free.takeRun(pages)!;

const frameOf = (domain: Domain, pfn: number): number => domain.model.machineFrame(asPfn(pfn));

const quiet = (host: Host): void => expect(audit(host)).toEqual([]);

describe.each(MODELS_HERE)('a single page under %s', (model) => {
  it('is named by its machine frame, and device and driver find what the other wrote', () => {
    const host = hostWith([[16, 256]]);
    const domain = domainOn(host, 'driver', model, 64, { access: 'restricted' });
    const device = deviceOf(domain);
    const pfn = taken(domain, 1);
    const mapping = mapped(device, { pfn, bytes: PAGE_BYTES });
    expect(mapping.address).toBe(frameOf(domain, pfn) * PAGE_BYTES);
    domain.writeKernel(pfn);
    expect(readByDevice(mapping)).toEqual([domain.log.stamp(pfn)]);
    const stamp = host.simulation.nextStamp();
    expect(writeByDevice(mapping, [stamp])).toBe(null);
    quiet(host);
    unmapBuffer(mapping);
    expect(domain.readKernel(pfn)).toBe(stamp);
    quiet(host);
  });

  it('stays where it is while the device has it: the balloon and a destroy by others are refused', () => {
    const host = hostWith([[16, 256]]);
    const domain = domainOn(host, 'driver', model, 64);
    const device = deviceOf(domain);
    const pfn = taken(domain, 1);
    const mapping = mapped(device, { pfn, bytes: PAGE_BYTES });
    expect(ruleOf(domain.balloon.release(pfn))).toBe('not-mapped-for-dma');
    expect(domain.free.take()).toBe(pfn);
    unmapBuffer(mapping);
    expect(domain.balloon.release(pfn)).toBe(pfn);
    quiet(host);
  });

  it('takes no memory of others: a device is told only of what its driver has', () => {
    const host = hostWith([[16, 256]]);
    const domain = domainOn(host, 'driver', model, 64);
    const released = must(domain.balloon.out());
    expect(ruleOf(mapBuffer(deviceOf(domain), { pfn: released, bytes: 512 }, 'both ways'))).toBe('own-frame');
  });
});

describe('what a buffer of eight pages costs under each model', () => {
  const scene = (model: 'direct' | 'p2m' | 'insert', exposedP2m = false) => {
    const host = hostWith([[16, 1024]]);
    const domain = domainOn(host, 'driver', model, 64, { exposedP2m });
    const first = taken(domain, 8);
    const device = deviceOf(domain);
    const counted = (event: 'guestP2mLookup' | 'hypercall' | 'p2mLookup' | 'dmaMap' | 'bounceCopy') =>
      domain.account.count(event, 'dma');
    domain.account.enter('dma');
    return { host, domain, device, first, counted };
  };

  it('direct: nothing, its memory is contiguous by itself', () => {
    const { device, first, counted } = scene('direct');
    const mapping = mapped(device, { pfn: first, bytes: 8 * PAGE_BYTES });
    expect(mapping.address).toBe(first * PAGE_BYTES);
    expect([counted('dmaMap'), counted('guestP2mLookup'), counted('hypercall')]).toEqual([1, 0, 0]);
  });

  it('P2M: a look-up a page in its own array', () => {
    const { device, first, counted } = scene('p2m');
    mapped(device, { pfn: first, bytes: 8 * PAGE_BYTES });
    expect([counted('dmaMap'), counted('guestP2mLookup'), counted('hypercall')]).toEqual([1, 8, 0]);
  });

  it('VP: a hypercall a page, or look-ups where the p2m is exposed; its pages are given one by one, so they would bounce', () => {
    for (const exposed of [false, true]) {
      const { device, first, counted } = scene('insert', exposed);
      expect(ruleOf(mapBuffer(device, { pfn: first, bytes: 8 * PAGE_BYTES }, 'both ways'))).toBe('bounce-pool');
      expect([counted('guestP2mLookup'), counted('hypercall')]).toEqual(exposed ? [8, 0] : [0, 8]);
    }
  });
});

describe('a device that cannot address all memory', () => {
  /** Memory around 64 MiB, where 26 bits of address end. */
  const scene = (model: 'direct' | 'p2m' | 'insert', frames = 2048) => {
    const host = hostWith([[2 ** 14 - frames / 2, frames]]);
    const low = domainOn(host, 'low', 'direct', frames / 4);
    const domain = domainOn(host, 'driver', model, frames / 2 + 256);
    expect(destroyDomain(low, low.builder)).toBe(null);
    return { host, domain, device: deviceOf(domain, 26) };
  };

  it.each(MODELS_HERE)('under %s reaches what is low, and what is high by a copy in the pool', (model) => {
    const { host, domain, device } = scene(model);
    const pool = must(createBouncePool(domain, { bytes: 2 ** 19, addressBits: 26 }));
    let high = 0;
    for (let count = 0; count < 64; count += 1) {
      const pfn = domain.free.takeScattered(host.simulation.stream('pages'))!;
      domain.writeKernel(pfn);
      const isHigh = frameOf(domain, pfn) >= 2 ** 14;
      const mapping = mapped(device, { pfn, bytes: PAGE_BYTES });
      expect(mapping.address + PAGE_BYTES).toBeLessThanOrEqual(2 ** 26);
      expect(pool.used).toBe(isHigh ? 2 : 0);
      expect(readByDevice(mapping)).toEqual([domain.log.stamp(pfn)]);
      const stamp = host.simulation.nextStamp();
      expect(writeByDevice(mapping, [stamp])).toBe(null);
      unmapBuffer(mapping);
      expect(domain.readKernel(pfn)).toBe(stamp);
      if (isHigh) high += 1;
    }
    expect(high).toBeGreaterThan(0);
    expect(high).toBeLessThan(64);
    expect(domain.account.count('bounceCopy')).toBe(high * 2 * 2);
    quiet(host);
  });

  it('cannot put an address beyond its mask on the bus', () => {
    const { device } = scene('direct');
    expect(ruleOf(device.read(2 ** 26))).toBe('address-mask');
    expect(ruleOf(device.write(2 ** 26 + 8, 1))).toBe('address-mask');
    expect(device.read(2 ** 26 - 1)).toEqual(expect.any(Number));
    expect(ruleOf(deviceOf(device.domain).read(0))).toBe('installed');
  });

  it('a buffer that does not change as the device had it comes back as it was, and not as the last user of the slot', () => {
    const { domain, device } = scene('p2m');
    must(createBouncePool(domain, { bytes: 2 ** 18, addressBits: 26 }));
    const high = domain.model.ownedFrames().filter((pfn) => frameOf(domain, pfn) >= 2 ** 14);
    for (const pfn of high.slice(0, 40)) {
      const before = domain.readKernel(pfn);
      unmapBuffer(mapped(device, { pfn, bytes: 1500 }, 'from device'));
      expect(domain.readKernel(pfn)).toBe(before);
    }
  });
});

describe('buffers of several pages through the pool', () => {
  const scene = () => {
    const host = hostWith([[16, 2048]]);
    const domain = domainOn(host, 'driver', 'insert', 512);
    const pool = must(createBouncePool(domain, { bytes: 2 ** 19 }));
    return { host, domain, pool, device: deviceOf(domain) };
  };

  it('are contiguous for the device, keep their offset, and every page has its own contents', () => {
    const { host, domain, device } = scene();
    const first = taken(domain, 3);
    for (let page = 0; page < 3; page += 1) domain.writeKernel(asPfn(first + page));
    const mapping = mapped(device, { pfn: first, offset: 2500, bytes: 2 * PAGE_BYTES });
    expect(mapping.address % PAGE_BYTES).toBe(2500);
    expect(mapping.slots).toBe(Math.ceil((2500 + 2 * PAGE_BYTES) / 2048));
    expect(readByDevice(mapping)).toEqual([0, 1, 2].map((page) => domain.log.stamp(asPfn(first + page))));
    const stamps = [1, 2, 3].map(() => host.simulation.nextStamp());
    expect(writeByDevice(mapping, stamps)).toBe(null);
    quiet(host);
    unmapBuffer(mapping);
    expect([0, 1, 2].map((page) => domain.readKernel(asPfn(first + page)))).toEqual(stamps);
    quiet(host);
  });

  it('small ones share a frame of the pool, and each has its own contents', () => {
    const low = hostWith([[0, 4096]]);
    const lowest = domainOn(low, 'lowest', 'direct', 512);
    const driver = domainOn(low, 'driver', 'insert', 2048);
    expect(destroyDomain(lowest, lowest.builder)).toBe(null);
    must(createBouncePool(driver, { bytes: 2 ** 18, addressBits: 22 }));
    const disk = deviceOf(driver, 22);
    const pages = driver.model.ownedFrames().filter((pfn) => frameOf(driver, pfn) >= 2 ** 10);
    const small = pages.slice(0, 3).map((pfn) => ({ pfn, mapping: mapped(disk, { pfn, offset: 100, bytes: 1448 }) }));
    const pageOf = small.map(({ mapping }) => Math.floor(mapping.address / PAGE_BYTES));
    expect(pageOf[1]).toBe(pageOf[0]);
    for (const { pfn, mapping } of small) expect(readByDevice(mapping)).toEqual([driver.log.stamp(pfn)]);
    const stamps = small.map(({ mapping }) => {
      const stamp = low.simulation.nextStamp();
      expect(writeByDevice(mapping, [stamp])).toBe(null);
      return stamp;
    });
    for (const { mapping } of small) unmapBuffer(mapping);
    expect(small.map(({ pfn }) => driver.readKernel(pfn))).toEqual(stamps);
    quiet(low);
  });

  it('a small one that lies across two frames of the pool is one page for device and driver', () => {
    const low = hostWith([[0, 4096]]);
    const lowest = domainOn(low, 'lowest', 'direct', 512);
    const driver = domainOn(low, 'driver', 'insert', 2048);
    expect(destroyDomain(lowest, lowest.builder)).toBe(null);
    must(createBouncePool(driver, { bytes: 2 ** 18, addressBits: 22 }));
    const disk = deviceOf(driver, 22);
    const [one, other] = driver.model.ownedFrames().filter((pfn) => frameOf(driver, pfn) >= 2 ** 10);
    mapped(disk, { pfn: one, bytes: 1448 });
    const mapping = mapped(disk, { pfn: other, offset: 512, bytes: 3000 });
    const [first, last] = [mapping.address, mapping.address + mapping.bytes - 1];
    expect(Math.floor(last / PAGE_BYTES)).toBe(Math.floor(first / PAGE_BYTES) + 1);
    expect(readByDevice(mapping)).toEqual([driver.log.stamp(other)]);
    const stamp = low.simulation.nextStamp();
    expect(writeByDevice(mapping, [stamp])).toBe(null);
    expect(readByDevice(mapping)).toEqual([stamp]);
    quiet(low);
    unmapBuffer(mapping);
    expect(driver.readKernel(other)).toBe(stamp);
    quiet(low);
  });

  it('frames of a pool stay where they are while nothing bounces too, so that each segment is contiguous', () => {
    const { host, domain, pool, device } = scene();
    const pfns = [pool.first, asPfn(pool.first + 1)];
    const { moved, blocked } = relocatePages({ domain, pfns, payer: domain.account });
    expect([moved, blocked.map(({ finding }) => finding.rule)]).toEqual([
      0,
      ['not-mapped-for-dma', 'not-mapped-for-dma'],
    ]);
    const first = taken(domain, 2);
    const mapping = mapped(device, { pfn: first, bytes: 2 * PAGE_BYTES });
    expect(mapping.slots).toBeGreaterThan(0);
    const stamps = [host.simulation.nextStamp(), host.simulation.nextStamp()];
    expect(writeByDevice(mapping, stamps)).toBe(null);
    unmapBuffer(mapping);
    expect([first, asPfn(first + 1)].map((pfn) => domain.readKernel(pfn))).toEqual(stamps);
    quiet(host);
  });

  it('above 256 KiB are refused, and so is what finds no run of slots', () => {
    const { host, domain, pool, device } = scene();
    const first = taken(domain, 65);
    const largest = mapped(device, { pfn: first, bytes: 64 * PAGE_BYTES });
    expect(largest.slots).toBe(128);
    expect(ruleOf(mapBuffer(device, { pfn: first, bytes: 64 * PAGE_BYTES + 1 }, 'to device'))).toBe('bounce-size');
    const second = mapped(device, { pfn: first, bytes: 63 * PAGE_BYTES });
    expect(pool.slots - pool.used).toBe(2);
    expect(ruleOf(mapBuffer(device, { pfn: first, bytes: 2 * PAGE_BYTES }, 'to device'))).toBe('bounce-room');
    unmapBuffer(largest);
    unmapBuffer(mapped(device, { pfn: first, bytes: 2 * PAGE_BYTES }));
    unmapBuffer(second);
    expect(pool.used).toBe(0);
    quiet(host);
  });

  it('of a scatter list are mapped all or none', () => {
    const { host, domain, pool, device } = scene();
    const buffers = [taken(domain, 2), taken(domain, 2), taken(domain, 65)].map((pfn, index) => ({
      pfn,
      bytes: (index < 2 ? 2 : 65) * PAGE_BYTES,
    }));
    expect(ruleOf(mapScatterList(device, buffers, 'to device'))).toBe('bounce-size');
    expect([pool.used, device.mappings.size]).toEqual([0, 0]);
    quiet(host);
    const mappings = must(mapScatterList(device, buffers.slice(0, 2), 'to device'));
    expect([mappings.length, pool.used]).toEqual([2, 8]);
  });
});

describe('memory that driver and device share for long', () => {
  it.each(MODELS_HERE)('under %s is contiguous below the mask, and bounces nothing', (model) => {
    const host = hostWith([[2 ** 14 - 512, 2048]]);
    const low = domainOn(host, 'low', 'direct', 128);
    const domain = domainOn(host, 'driver', model, 600);
    expect(destroyDomain(low, low.builder)).toBe(null);
    const device = deviceOf(domain, 26);
    const ring = must(allocateCoherent(device, 16));
    expect([ring.slot, ring.bytes]).toEqual([-1, 16 * PAGE_BYTES]);
    expect(ring.address + ring.bytes).toBeLessThanOrEqual(2 ** 26);
    const stamps = Array.from({ length: 16 }, () => host.simulation.nextStamp());
    expect(writeByDevice(ring, stamps)).toBe(null);
    expect(ring.pfns.map((pfn) => domain.readKernel(pfn))).toEqual(stamps);
    quiet(host);
    const free = domain.free.count;
    freeCoherent(ring);
    expect(domain.free.count).toBe(free + 16);
    quiet(host);
  });

  it('P2M and VP exchange for it once there is low memory in the heap; a direct domain that has none never gets any', () => {
    const outcomes = MODELS_HERE.map((model) => {
      const host = hostWith([[2 ** 14 - 64, 2048]]);
      const low = domainOn(host, 'low', 'direct', 64);
      const device = deviceOf(domainOn(host, 'driver', model, 256), 26);
      const before = ruleOf(allocateCoherent(device, 8));
      quiet(host);
      expect(destroyDomain(low, low.builder)).toBe(null);
      const after = allocateCoherent(device, 8);
      quiet(host);
      return [before, isFinding(after) ? after.rule : 'mapped'];
    });
    expect(outcomes).toEqual([
      ['free-run', 'free-run'],
      ['contiguous-below-mask', 'mapped'],
      ['contiguous-below-mask', 'mapped'],
    ]);
  });
});

describe('frames that another domain granted', () => {
  const scene = (model: 'direct' | 'p2m' | 'insert') => {
    const host = hostWith([[16, 512]]);
    const backend = domainOn(host, 'backend', model, 128, { access: 'restricted' });
    const guest = domainOn(host, 'guest', 'p2m', 64);
    const pfn = guest.free.take()!;
    guest.writeKernel(pfn);
    const [entered] = must(backend.model.mapForeign([guest.model.machineFrame(pfn)], true, 'privileged'));
    return { host, guest, pfn, entered, device: deviceOf(backend) };
  };

  it.each(MODELS_HERE)('are reached under %s by the address that came with the grant', (model) => {
    const { host, guest, pfn, entered, device } = scene(model);
    const dma = must(mapGranted(device, entered, 'both ways'));
    expect(dma.address).toBe(frameOf(guest, pfn) * PAGE_BYTES);
    expect(readByDevice(dma)).toEqual([guest.log.stamp(pfn)]);
    const stamp = host.simulation.nextStamp();
    expect(writeByDevice(dma, [stamp])).toBe(null);
    expect(guest.readKernel(pfn)).toBe(stamp);
    quiet(host);
    expect(ruleOf(destroyDomain(guest, device.domain.account))).toBe('not-referenced');
  });

  it('that may only be read are not bounced for a device to write: the copy could not be written back', () => {
    const host = hostWith([[16, 512]]);
    const backend = domainOn(host, 'backend', 'p2m', 256);
    const guest = domainOn(host, 'guest', 'p2m', 64);
    must(createBouncePool(backend, { bytes: 2 ** 18, addressBits: 64 }));
    const pfn = guest.free.take()!;
    guest.writeKernel(pfn);
    const mfn = frameOf(guest, pfn);
    const device = deviceOf(backend, Math.floor(Math.log2(mfn * PAGE_BYTES)));
    const [entered] = must(backend.model.mapForeign([guest.model.machineFrame(pfn)], false, 'privileged'));
    expect(ruleOf(mapGranted(device, entered, 'from device'))).toBe('own-or-granted');
    expect(ruleOf(mapGranted(device, entered, 'both ways'))).toBe('own-or-granted');
    quiet(host);
  });

  it('under direct a driver that takes the guest frame for the address is told that it is none of its memory', () => {
    const { entered, device } = scene('direct');
    expect(ruleOf(mapBuffer(device, { pfn: asPfn(entered), bytes: 512 }, 'to device'))).toBe('own-frame');
  });

  it('a guest whose frame only a device still has is not destroyed', () => {
    const host = hostWith([[16, 512]]);
    const backend = domainOn(host, 'backend', 'direct', 128, { access: 'trusted' });
    const guest = domainOn(host, 'guest', 'p2m', 64);
    const dma = must(mapGranted(deviceOf(backend), frameOf(guest, 3), 'to device'));
    expect(ruleOf(destroyDomain(guest, backend.account))).toBe('not-mapped-for-dma');
    unmapBuffer(dma);
    expect(destroyDomain(guest, backend.account)).toBe(null);
    quiet(host);
  });
});

describe('a domain that ends', () => {
  it.each(MODELS_HERE)('under %s takes its devices, mappings and pool with it', (model) => {
    const host = hostWith([[16, 1024]]);
    const domain = domainOn(host, 'driver', model, 256);
    must(createBouncePool(domain, { bytes: 2 ** 18 }));
    const device = deviceOf(domain, 32);
    mapped(device, { pfn: taken(domain, 3), bytes: 2 * PAGE_BYTES + 1 });
    expect(destroyDomain(domain, domain.builder)).toBe(null);
    expect([host.dma.devices, host.dma.pools.size, host.heap.freeFrames]).toEqual([[], 0, 1024]);
    quiet(host);
  });
});
