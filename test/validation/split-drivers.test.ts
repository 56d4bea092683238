import { describe, expect, it } from 'vitest';
import { iotlbWaitNs } from '../../validation/scenes/iotlb-waits.js';
import { type PacketScene, mappedPacketNs, packetCost } from '../../validation/scenes/packet-path.js';
import { platformCosts } from '../../validation/scenes/platform-costs.js';

const costs = platformCosts('x86-64-2006');
const scene = (receive: PacketScene['receive'], own: Partial<PacketScene> = {}): PacketScene => ({
  costs,
  transmit: 'map',
  receive,
  bytes: 1500,
  segmentBytes: 1448,
  batch: 16,
  ...own,
});

const sum = ({ backendNs, frontendNs }: ReturnType<typeof packetCost>): number => backendNs + frontendNs;

describe('what was published has the sign that the engine gives it', () => {
  it('a copy beats a flip at the size of a packet, and the more so the smaller the packet is', () => {
    const ratios = [64, 1500, 4096].map(
      (bytes) => sum(packetCost(scene('flip', { bytes }), 'in')) / sum(packetCost(scene('copy', { bytes }), 'in')),
    );
    expect(ratios[1]).toBeGreaterThan(1);
    expect(ratios).toEqual(ratios.toSorted((a, b) => b - a));
  });

  it('a queue for each guest with pages that stay granted saves the driver domain time', () => {
    const usual = packetCost(scene('copy'), 'in').backendNs;
    expect(packetCost(scene('persistent', { queueAFrontend: true }), 'in').backendNs).toBeLessThan(usual);
  });

  it('offload and no remapping send more bytes for the same time', () => {
    const plain = sum(packetCost(scene('copy'), 'out')) / 1500;
    const large = scene('copy', { transmit: 'persistent', bytes: 65536, segmentBytes: 65536 });
    expect(sum(packetCost(large, 'out')) / 65536).toBeLessThan(plain);
  });

  it('invalidations that wait for each other cost less than those at once', () => {
    const bare = { ...platformCosts('x86-64-2026'), hypercall: 0 };
    const times = (['no IOMMU', 'deferred', 'strict'] as const).map((each) => mappedPacketNs(bare, each));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(3);
  });
});

it('an IOTLB misses on every buffer that has an entry of its own, and on none of those in one large entry', () => {
  expect(iotlbWaitNs(false, { iotlbMiss: 500 })).toBe(500);
  expect(iotlbWaitNs(true, { iotlbMiss: 500 })).toBe(0);
});

it('costs are those of the platform file, in nanoseconds', () => {
  expect(platformCosts('x86-64-2026')['flushInterrupt']).toBe(3626);
  expect(platformCosts('x86-64-2026')['hypercall']).toBeCloseTo(1650 / 2.5, 9);
});
