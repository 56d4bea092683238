import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Domain,
  type Host,
  asPfn,
  assignDevice,
  audit,
  destroyDomain,
  isFinding,
  relocatePages,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../engine/index.js';
import { countDeviceReach } from '../../../engine/devices/device-reach.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { mapGranted, unmapBuffer } from '../../../engine/devices/dma-map.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import type { EventName } from '../../../engine/host/events.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { deviceOf, iommuOf, mapped, must, ruleOf } from '../devices/support.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

const PAGE_BYTES = 512;
const FRAMES = 2048;

interface Scene {
  readonly host: Host;
  readonly driver: Domain;
  readonly guest: Domain;
  readonly device: DmaDevice;
}

/** A nested driver domain of three large pages and some, whose device goes by its nested tables. */
const scene = (invalidation: 'strict' | 'deferred' = 'strict'): Scene => {
  const host = hostOf(radixPlatformOf([[0, FRAMES]], { scheme: radixScheme() }));
  const driver = domainOn(host, 'driver', 'nested', 200);
  const guest = domainOn(host, 'guest', 'nested', 100);
  const guard = { iommu: iommuOf(host, { invalidation, walkCache: [4, 2, 1] }), holds: 'second stage' } as const;
  return { host, driver, guest, device: deviceOf(driver, 64, guard) };
};

const charged = (domain: Domain, event: EventName): number => domain.account.count(event);
const at = (device: DmaDevice, pfn: number): unknown => device.reach(pfn * PAGE_BYTES, true);

describe('an IOMMU that walks the second stage of a nested domain', () => {
  it('takes no table of its own, lets devices name guest frames, and reaches the memory of the domain and no more', () => {
    const { host, driver, device } = scene();
    expect(host.hypervisor.pages('IOMMU table')).toBe(0);
    expect(device.context!.tablePages).toBe(0);
    for (const pfn of driver.model.ownedFrames()) expect(at(device, pfn)).toBe(driver.model.machineFrame(pfn));
    for (let page = 200; page < 2 * FRAMES; page += 1) expect(ruleOf(at(device, page))).toBe('iommu-maps');
    expect(countDeviceReach(device)).toEqual({ own: 200, granted: 0, others: 0, hypervisor: 0, free: 0 });
    expect(audit(host)).toEqual([]);
  });

  it('moves data at guest frames, with no look-up and no hypercall for a mapping', () => {
    const { driver, device } = scene();
    const calls = charged(driver, 'hypercall');
    const mapping = mapped(device, { pfn: asPfn(70), bytes: 3 * PAGE_BYTES });
    expect([mapping.address, charged(driver, 'hypercall') - calls]).toEqual([70 * PAGE_BYTES, 0]);
    expect(writeByDevice(mapping, [901, 902, 903])).toBeNull();
    expect(readByDevice(mapping)).toEqual([901, 902, 903]);
    unmapBuffer(mapping);
    expect([70, 71, 72].map((pfn) => driver.readKernel(asPfn(pfn)))).toEqual([901, 902, 903]);
  });

  it.each(['strict', 'deferred'] as const)(
    '%s: a page that leaves is out of the IOTLB at once, by one invalidation and no store for the IOMMU',
    (invalidation) => {
      const { host, driver, device } = scene(invalidation);
      const pfn = asPfn(70);
      const mfn = driver.model.machineFrame(pfn);
      expect(at(device, pfn)).toBe(mfn);
      expect(driver.free.takeThat((each) => each === pfn)).toBe(pfn);
      const before = charged(driver, 'iotlbInvalidation');
      expect(driver.balloon.release(pfn)).toBe(pfn);
      expect(charged(driver, 'iotlbInvalidation') - before).toBe(1);
      expect(charged(driver, 'iommuStore')).toBe(0);
      expect(ruleOf(at(device, pfn))).toBe('iommu-maps');
      expect(at(device, 71)).toBe(driver.model.machineFrame(asPfn(71)));
      expect(driver.balloon.in(pfn)).toBeNull();
      expect(at(device, pfn)).toBe(driver.model.machineFrame(pfn));
      expect(audit(host)).toEqual([]);
    },
  );

  it('reaches a page of another domain where it is entered, as long as it is', () => {
    const { host, driver, guest, device } = scene();
    const mapping = must(mapForeign(driver, guest, [asPfn(9)], { writable: true, firstPage: 0 }));
    const entered = mapping.frame(0);
    const told = must(mapGranted(device, entered, 'from device'));
    expect(writeByDevice(told, [77])).toBeNull();
    expect(host.frames.contents(guest.model.machineFrame(asPfn(9)))).toBe(77);
    guest.filledByDevice(asPfn(9), 77);
    unmapBuffer(told);
    mapping.unmap();
    expect(ruleOf(at(device, entered))).toBe('iommu-maps');
    expect(audit(host)).toEqual([]);
  });

  it('is refused where there is no second stage, or one that devices do not go by', () => {
    const host = hostOf(radixPlatformOf([[0, FRAMES]], { scheme: radixScheme({ identityStage: true }) }));
    const guard = { iommu: iommuOf(host), holds: 'second stage' } as const;
    for (const model of ['p2m', 'direct'] as const) {
      const domain = domainOn(host, model, model, 100);
      expect(ruleOf(assignDevice(domain, { name: 'disk', addressBits: 64 }, guard))).toBe('second-stage');
    }
  });

  it('goes with the domain, whose tables it leaves alone', () => {
    const { host, driver, device } = scene();
    const free = host.heap.freeFrames;
    const kept = host.hypervisor.pagesFor(driver.id);
    expect(at(device, 3)).toBe(driver.model.machineFrame(asPfn(3)));
    expect(destroyDomain(driver, driver.builder)).toBeNull();
    expect([host.heap.freeFrames, host.dma.contexts, audit(host)]).toEqual([free + 200 + kept, [], []]);
  });

  it('is the same after a checkpoint', () => {
    const { host, driver, device } = scene();
    expect(at(device, 70)).toBe(driver.model.machineFrame(asPfn(70)));
    const { platform } = host.simulation;
    const [again] = restoreCheckpoint(saveCheckpoint(host.simulation), { platform }).hosts;
    const guest = again.domains.get(driver.id)!;
    const [copy] = again.dma.devicesOf(guest);
    expect(guest.free.takeThat((each) => each === 70)).toBe(70);
    expect(isFinding(guest.balloon.release(asPfn(70)))).toBe(false);
    expect(ruleOf(at(copy, 70))).toBe('iommu-maps');
    expect(at(copy, 71)).toBe(guest.model.machineFrame(asPfn(71)));
    expect(audit(again)).toEqual([]);
  });

  it('never gives what the tables would not give, whatever is ballooned, moved and reached in between', () => {
    const step = fc.record({
      kind: fc.constantFrom('out', 'in', 'move', 'reach'),
      pfn: fc.integer({ min: 20, max: 199 }),
    });
    fc.assert(
      fc.property(fc.constantFrom('strict', 'deferred'), fc.array(step, { maxLength: 40 }), (invalidation, steps) => {
        const { host, driver, device } = scene(invalidation);
        for (const { kind, pfn: number } of steps) {
          const pfn = asPfn(number);
          if (kind === 'out' && driver.free.takeThat((each) => each === pfn) === pfn) driver.balloon.release(pfn);
          if (kind === 'in' && driver.balloon.has(pfn)) driver.balloon.in(pfn);
          if (kind === 'move' && !driver.balloon.has(pfn))
            relocatePages({ domain: driver, pfns: [pfn], payer: driver.builder });
          const reached = at(device, pfn);
          if (driver.balloon.has(pfn)) expect(ruleOf(reached)).toBe('iommu-maps');
          else expect(reached).toBe(driver.model.machineFrame(pfn));
          expect(audit(host)).toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  });
});
