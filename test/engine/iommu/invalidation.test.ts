import { describe, expect, it } from 'vitest';
import { type Host, audit, destroyDomain } from '../../../engine/index.js';
import { countExposed } from '../../../engine/audit/audit.js';
import { mapGranted, unmapBuffer } from '../../../engine/devices/dma-map.js';
import { readByDevice } from '../../../engine/devices/transfer.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import type { IommuSpec } from '../../../engine/iommu/iommu.js';
import { DEFERRED_ENTRIES, DEFERRED_NS } from '../../../engine/iommu/invalidation-queue.js';
import { MODELS_HERE, PAGE_BYTES, mapped, must, ruleOf } from '../devices/support.js';
import { domainOn } from '../support.js';
import { scene } from './support.js';

const quiet = (host: Host): void => expect(audit(host)).toEqual([]);

describe('what waits to be invalidated', () => {
  /** A driver that balloons out a page which its device has just read. */
  const exposed = (model: 'direct' | 'p2m' | 'insert', invalidation: IommuSpec['invalidation']) => {
    const at = scene(model, 'own', { invalidation });
    const pfn = at.driver.free.takeRun(1)!;
    const mapping = mapped(at.device, { pfn, bytes: PAGE_BYTES });
    readByDevice(mapping);
    unmapBuffer(mapping);
    const mfn = at.driver.model.machineFrame(pfn);
    must(at.driver.balloon.release(pfn));
    return { ...at, mapping, mfn };
  };

  it.each(MODELS_HERE)('strict, %s: a frame that is given up is out of reach at once', (model) => {
    const { host, device, mapping, driver } = exposed(model, 'strict');
    expect(ruleOf(device.read(mapping.address))).toBe('iommu-maps');
    expect([driver.account.count('iotlbInvalidation'), countExposed(host).get('driver')]).toEqual([1, 0]);
    expect(device.context!.iommu.exposures.frames).toBe(0);
    quiet(host);
  });

  it.each(MODELS_HERE)(
    'deferred, %s: its next owner can be read and written for 10 ms, and that is counted',
    (model) => {
      const { host, device, mapping, mfn, driver } = exposed(model, 'deferred');
      const { exposures } = device.context!.iommu;
      const { clock } = host.simulation;
      expect(countExposed(host).get('driver')).toBe(1);
      quiet(host);
      const victim = domainOn(host, 'victim', 'direct', 4);
      const taken = host.frames.owner(mfn) === victim.id;
      expect(device.read(mapping.address)).toBe(host.frames.contents(mfn));
      if (taken) expect(host.frames.contents(mfn)).not.toBe(0);
      clock.advanceTo(DEFERRED_NS - 1);
      expect(device.reach(mapping.address, true)).toBe(mfn);
      clock.advanceTo(DEFERRED_NS + 500);
      expect(ruleOf(device.read(mapping.address))).toBe('iommu-maps');
      expect([exposures.frames, exposures.accesses, exposures.nanoseconds]).toEqual([1, 2, DEFERRED_NS]);
      expect([driver.account.count('iotlbInvalidation'), driver.account.count('iotlbFlush')]).toEqual([0, 1]);
      expect(countExposed(host).get('driver')).toBe(0);
      quiet(host);
    },
  );

  it('deferred: 250 wait, the next one flushes them; strict: each is invalidated', () => {
    const flushes = (['deferred', 'strict'] as const).map((invalidation) => {
      const { host, driver, device } = scene('p2m', 'buffers', { invalidation });
      const pfn = driver.free.takeRun(1)!;
      for (let count = 0; count <= DEFERRED_ENTRIES; count += 1) {
        expect(driver.account.count('iotlbFlush')).toBe(0);
        unmapBuffer(mapped(device, { pfn, bytes: PAGE_BYTES }));
      }
      quiet(host);
      return [driver.account.count('iotlbFlush'), driver.account.count('iotlbInvalidation')];
    });
    expect(flushes).toEqual([
      [1, 0],
      [0, DEFERRED_ENTRIES + 1],
    ]);
  });

  it('deferred: an address that waits is not given out again, and with strict it is', () => {
    const repeats = (['deferred', 'strict'] as const).map((invalidation) => {
      const { driver, device, host } = scene('p2m', 'buffers', { invalidation });
      const pfn = driver.free.takeRun(1)!;
      const first = mapped(device, { pfn, bytes: PAGE_BYTES });
      unmapBuffer(first);
      const second = mapped(device, { pfn, bytes: PAGE_BYTES });
      unmapBuffer(second);
      host.simulation.clock.advanceTo(DEFERRED_NS);
      const third = mapped(device, { pfn, bytes: PAGE_BYTES });
      return [second.address === first.address, [first.address, second.address].includes(third.address)];
    });
    expect(repeats).toEqual([
      [false, true],
      [true, true],
    ]);
  });

  it('deferred: a guest frame that gets another machine frame meanwhile does not lead to the old one', () => {
    const { host, driver, device, mapping, mfn } = exposed('insert', 'deferred');
    const holder = domainOn(host, 'holder', 'insert', 1);
    expect(holder.model.machineFrame(asPfn(0))).toBe(mfn);
    const [pfn] = driver.balloon.frames;
    expect(driver.balloon.in(pfn)).toBe(null);
    expect(device.reach(mapping.address, false)).toBe(driver.model.machineFrame(pfn));
    quiet(host);
  });

  it('deferred: a buffer that was unmapped is stale, and exposed once its frame is given up', () => {
    const { host, driver, device } = scene('p2m', 'buffers', { invalidation: 'deferred' });
    const pfn = driver.free.takeRun(1)!;
    const mapping = mapped(device, { pfn, bytes: PAGE_BYTES });
    readByDevice(mapping);
    unmapBuffer(mapping);
    const { exposures } = device.context!.iommu;
    expect([exposures.frames, countExposed(host).get('driver')]).toEqual([0, 0]);
    must(driver.balloon.release(pfn));
    expect([exposures.frames, countExposed(host).get('driver')]).toEqual([1, 1]);
    expect(device.read(mapping.address)).toBe(0);
    quiet(host);
    expect(destroyDomain(driver, driver.builder)).toBe(null);
    expect(ruleOf(device.read(mapping.address))).toBe('iommu-maps');
    quiet(host);
  });

  it('deferred: the end of a grant exposes what was granted', () => {
    const { host, driver, guest, device } = scene('p2m', 'own', { invalidation: 'deferred' });
    const mfn = guest.model.machineFrame(asPfn(3));
    const entered = must(driver.model.mapForeign([mfn], true, 'privileged'));
    const mapping = must(mapGranted(device, entered[0], 'both ways'));
    readByDevice(mapping);
    unmapBuffer(mapping);
    driver.model.unmapForeign(entered, true, 'privileged');
    expect(countExposed(host).get('driver')).toBe(1);
    quiet(host);
  });
});
