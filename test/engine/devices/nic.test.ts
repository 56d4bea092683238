import { describe, expect, it } from 'vitest';
import { Nic, audit } from '../../../engine/index.js';
import { createBouncePool } from '../../../engine/devices/bounce-pool.js';
import { domainOn } from '../support.js';
import { MODELS_HERE, deviceOf, hostWith, iommuOf, must } from './support.js';

/** Segments of 1448 bytes in a page of 4 KiB. */
const SEGMENTS = 3;

describe.each(MODELS_HERE)('a network device of a %s domain', (model) => {
  it.each(['none', 'all RAM', 'own', 'buffers'] as const)(
    'behind an IOMMU that holds %s sends and receives',
    (holds) => {
      const host = hostWith([[0, 512]]);
      const domain = domainOn(host, 'driver', model, 128);
      const device = deviceOf(domain, 64, holds === 'none' ? null : { iommu: iommuOf(host), holds });
      const nic = new Nic(domain, device);
      const pfn = domain.free.take()!;
      domain.writeKernel(pfn);
      expect(nic.transmit(pfn)).toBe(domain.log.stamp(pfn));
      const stamp = host.simulation.nextStamp();
      nic.receive(pfn, stamp);
      expect(domain.readKernel(pfn)).toBe(stamp);
      const { account } = domain;
      expect([account.count('dmaMap'), account.count('segmentSend')]).toEqual([2 * SEGMENTS, 2 * SEGMENTS]);
      expect(account.count('iommuStore') > 0).toBe(holds !== 'none');
      expect(account.count('iotlbInvalidation')).toBe(holds === 'buffers' ? 2 * SEGMENTS : 0);
      expect(audit(host)).toEqual([]);
    },
  );
});

it.each(['p2m', 'insert'] as const)(
  'with a narrow address it sends what is high through the pool, under %s',
  (model) => {
    const host = hostWith([[0, 2048]]);
    const low = domainOn(host, 'low', 'direct', 256);
    const domain = domainOn(host, 'driver', model, 1400);
    for (const pfn of low.model.ownedFrames().slice(0, 128)) must(low.balloon.release(pfn));
    must(createBouncePool(domain, { bytes: 2 ** 18, addressBits: 20 }));
    const pfn = domain.free.takeRun(1, (each) => domain.model.machineFrame(each) >= 512)!;
    domain.writeKernel(pfn);
    for (const addressBits of [64, 20]) {
      expect(new Nic(domain, deviceOf(domain, addressBits)).transmit(pfn)).toBe(domain.log.stamp(pfn));
      expect(domain.account.count('bounceCopy')).toBe(addressBits === 20 ? SEGMENTS : 0);
    }
    expect(audit(host)).toEqual([]);
  },
);
