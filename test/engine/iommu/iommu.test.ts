import { describe, expect, it } from 'vitest';
import { type Host, audit, migrate, reliableLink } from '../../../engine/index.js';
import { removeDevice } from '../../../engine/devices/assign-device.js';
import { countDeviceReach } from '../../../engine/devices/device-reach.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { mapGranted, unmapBuffer } from '../../../engine/devices/dma-map.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import { asMfn, asPfn } from '../../../engine/host/frame-number.js';
import { domainOn } from '../support.js';
import { MODELS_HERE, PAGE_BYTES, deviceOf, hostWith, iommuOf, mapped, must, ruleOf } from '../devices/support.js';
import { FRAMES, type Holds, IMAGE, scene } from './support.js';

const quiet = (host: Host): void => expect(audit(host)).toEqual([]);

/** What a rogue device reaches, found by trying every frame and not by reading tables. */
const tryAll = (host: Host, device: DmaDevice): Set<number> => {
  const reached = new Set<number>();
  for (let page = 0; page < 2 * FRAMES; page += 1) {
    const mfn = device.reach(page * PAGE_BYTES, true);
    if (typeof mfn === 'number') reached.add(mfn);
  }
  return reached;
};

describe.each(MODELS_HERE)('what a rogue device of a %s domain reaches', (model) => {
  const reachUnder = (holds: Holds, addressBits = 64) => {
    const at = scene(model, holds, {}, addressBits);
    const reach = countDeviceReach(at.device);
    const sum = reach.own + reach.granted + reach.others + reach.hypervisor + reach.free;
    expect(tryAll(at.host, at.device).size).toBe(sum);
    quiet(at.host);
    return { ...at, reach };
  };

  it.each(['none', 'identity'] as const)('%s: all of machine memory', (holds) => {
    expect(reachUnder(holds).reach).toEqual({ own: 200, granted: 0, others: 100, hypervisor: IMAGE, free: 708 });
  });

  it('none, with an address mask: what is below it', () => {
    const { reach } = reachUnder('none', 20);
    expect(reach.own + reach.others + reach.hypervisor + reach.free).toBe(256);
  });

  it('all RAM: all but the image of the hypervisor; its table pages too', () => {
    const { reach, device } = reachUnder('all RAM');
    const { tablePages } = device.context!;
    expect(reach).toEqual({
      own: 200,
      granted: 0,
      others: 100,
      hypervisor: tablePages,
      free: FRAMES - IMAGE - 300 - tablePages,
    });
  });

  it('own: its own memory, and what it was granted as long as it is', () => {
    const { host, driver, guest, device, reach } = reachUnder('own');
    expect(reach).toEqual({ own: 200, granted: 0, others: 0, hypervisor: 0, free: 0 });
    const entered = must(driver.model.mapForeign([guest.model.machineFrame(asPfn(7))], false, 'privileged'));
    const lent = model === 'p2m' ? 1 : 0;
    expect(countDeviceReach(device)).toMatchObject({ own: 200 - lent, granted: 1, others: 0 });
    const dma = must(mapGranted(device, entered[0], 'to device'));
    expect(readByDevice(dma)).toEqual([guest.log.stamp(asPfn(7))]);
    expect(ruleOf(writeByDevice(dma, [1]))).toBe('iommu-writes');
    unmapBuffer(dma);
    quiet(host);
    driver.model.unmapForeign(entered, false, 'privileged');
    expect(countDeviceReach(device)).toMatchObject({ granted: 0, others: 0, free: 0 });
    expect(ruleOf(device.read(dma.address))).toBe('iommu-maps');
    must(driver.balloon.out());
    expect(countDeviceReach(device).own).toBe(driver.model.ownedFrames().length);
    expect(must(driver.balloon.in(driver.balloon.frames[0]))).toBe(null);
    expect(countDeviceReach(device).own).toBe(driver.model.ownedFrames().length);
    quiet(host);
  });

  it('buffers: what its driver has mapped, and nothing of others whoever asks', () => {
    const { host, driver, guest, device, reach } = reachUnder('buffers');
    expect(reach).toEqual({ own: 0, granted: 0, others: 0, hypervisor: 0, free: 0 });
    const mapping = mapped(device, { pfn: driver.free.takeRun(5)!, bytes: 5 * PAGE_BYTES }, 'to device');
    expect(countDeviceReach(device)).toMatchObject({ own: 5, others: 0 });
    expect(readByDevice(mapping)).toHaveLength(5);
    expect(ruleOf(writeByDevice(mapping, [1, 2, 3, 4, 5]))).toBe('iommu-writes');
    const [entered] = must(driver.model.mapForeign([guest.model.machineFrame(asPfn(7))], false, 'privileged'));
    expect(ruleOf(mapGranted(device, entered, 'both ways'))).toBe('own-or-granted');
    unmapBuffer(must(mapGranted(device, entered, 'to device')));
    quiet(host);
    unmapBuffer(mapping);
    expect(countDeviceReach(device).own).toBe(0);
    quiet(host);
  });

  it('own: what was granted before the device was there', () => {
    const { host, driver, guest } = scene(model, 'none');
    const mfn = guest.model.machineFrame(asPfn(7));
    must(driver.model.mapForeign([mfn], false, 'privileged'));
    const device = deviceOf(driver, 64, { iommu: iommuOf(host), holds: 'own' });
    expect(countDeviceReach(device).granted).toBe(1);
    quiet(host);
  });

  it('partial: only the device in front of which the IOMMU stands is held', () => {
    const { host, driver, device } = scene(model, 'own');
    const bare = deviceOf(driver);
    expect([tryAll(host, device).size, tryAll(host, bare).size]).toEqual([200, FRAMES]);
    const beside = deviceOf(driver, 64, { iommu: device.context!.iommu, holds: 'own' });
    expect(beside.context).toBe(device.context);
    quiet(host);
  });
});

describe('the address that a driver gives its device', () => {
  it.each([
    ['direct', 'own', 'machine'],
    ['p2m', 'own', 'machine'],
    ['insert', 'own', 'guest'],
    ['insert', 'all RAM', 'machine'],
    ['p2m', 'buffers', 'given out'],
  ] as const)('under %s behind an IOMMU that holds %s is by numbers: %s', (model, holds, numbers) => {
    const { driver, device } = scene(model, holds);
    const pfn = driver.free.takeRun(1)!;
    const { address } = mapped(device, { pfn, bytes: PAGE_BYTES });
    expect(device.numbers).toBe(numbers);
    if (numbers === 'machine') expect(address).toBe(driver.model.machineFrame(pfn) * PAGE_BYTES);
    if (numbers === 'guest') expect(address).toBe(pfn * PAGE_BYTES);
    expect(readByDevice([...device.mappings][0])).toEqual([driver.log.stamp(pfn)]);
  });

  it('VP behind an IOMMU that holds its p2m needs no look-up, and buffers are contiguous as they are', () => {
    const { host, driver, device } = scene('insert', 'own');
    driver.account.enter('dma');
    const mapping = mapped(device, { pfn: driver.free.takeRun(65)!, bytes: 65 * PAGE_BYTES });
    expect(driver.account.entries().filter(({ phase }) => phase === 'dma')).toMatchObject([
      { event: 'dmaMap', count: 1 },
    ]);
    expect(readByDevice(mapping)).toEqual(mapping.pfns.map((pfn) => driver.log.stamp(pfn)));
    quiet(host);
  });

  it('no page table that the hypervisor checks can be reached by the device of a P2M domain', () => {
    const { host, driver, device } = scene('p2m', 'own');
    driver.mapPage(5, driver.free.take()!, true);
    const [table] = driver.pageTable.tablePfns;
    expect(ruleOf(device.read(driver.model.machineFrame(table) * PAGE_BYTES))).toBe('iommu-maps');
    expect(countDeviceReach(device).own).toBe(200 - driver.pageTable.tablePfns.length);
    quiet(host);
  });
});

describe('tables, walks and the IOTLB', () => {
  it('a domain of contiguous memory has entries of 2 MiB, and one page that leaves breaks one of them', () => {
    const host = hostWith([[0, 4096]]);
    const driver = domainOn(host, 'driver', 'direct', 1536);
    const device = deviceOf(driver, 64, { iommu: iommuOf(host), holds: 'own' });
    const { table } = device.context!;
    expect(table.count()).toEqual({ tables: [0, 1, 1, 1], leaves: [0, 3, 0, 0] });
    const free = host.heap.freeFrames;
    must(driver.balloon.release(driver.free.takeRun(1)!));
    expect(table.count()).toEqual({ tables: [1, 1, 1, 1], leaves: [511, 2, 0, 0] });
    expect(host.heap.freeFrames).toBe(free);
    quiet(host);
  });

  it('where no frame is left to break one with, all of it goes and none of it stays reachable', () => {
    const host = hostWith([[0, 1024 + 3]]);
    const driver = domainOn(host, 'driver', 'direct', 1024);
    const device = deviceOf(driver, 64, { iommu: iommuOf(host), holds: 'own' });
    expect(host.heap.freeFrames).toBe(0);
    const pfn = driver.free.takeRun(1)!;
    device.read(asMfn(pfn + 1) * PAGE_BYTES);
    must(driver.balloon.release(pfn));
    expect([countDeviceReach(device).own, device.context!.shortages]).toEqual([512, 1]);
    expect(ruleOf(device.read((pfn + 1) * PAGE_BYTES))).toBe('iommu-maps');
    quiet(host);
  });

  it('a miss reads four entries, or three for 2 MiB, and what follows hits; the time is the device’s', () => {
    const host = hostWith([[0, 4096]]);
    const driver = domainOn(host, 'driver', 'direct', 1536 + 8);
    const device = deviceOf(driver, 64, { iommu: iommuOf(host), holds: 'own' });
    const large = 512 * PAGE_BYTES;
    const small = 1536 * PAGE_BYTES;
    const counts = [large, large, large + 200 * PAGE_BYTES, small, small, small + PAGE_BYTES].map((address) => {
      device.read(address);
      return [device.account.count('iotlbMiss'), device.account.count('iommuRead')];
    });
    expect(counts).toEqual([
      [1, 3],
      [1, 3],
      [1, 3],
      [2, 7],
      [2, 7],
      [3, 11],
    ]);
    expect(driver.account.count('iotlbMiss')).toBe(0);
  });

  it('buffers of 2 MiB take one entry', () => {
    const host = hostWith([[0, 4096]]);
    const driver = domainOn(host, 'driver', 'direct', 1536);
    const device = deviceOf(driver, 32, { iommu: iommuOf(host), holds: 'buffers' });
    const pfn = driver.free.takeRun(512, (each) => each >= 512)!;
    const mapping = mapped(device, { pfn, bytes: 512 * PAGE_BYTES });
    expect(device.context!.table.count().leaves).toEqual([0, 1, 0, 0]);
    expect(mapping.address % (512 * PAGE_BYTES)).toBe(0);
    unmapBuffer(mapping);
    expect(device.context!.table.count().leaves).toEqual([0, 0, 0, 0]);
    quiet(host);
  });

  it('two devices of one driver each reach their own buffer, though both drivers begin to give addresses out at the top', () => {
    const host = hostWith([[0, 300]]);
    const driver = domainOn(host, 'driver', 'p2m', 100);
    const guard = { iommu: iommuOf(host), holds: 'buffers' } as const;
    const devices = [deviceOf(driver, 64, guard), deviceOf(driver, 64, guard)];
    const pfns = [3, 4].map(asPfn);
    const mappings = devices.map((device, index) => mapped(device, { pfn: pfns[index], bytes: PAGE_BYTES }));
    expect(mappings.map((mapping) => readByDevice(mapping))).toEqual(pfns.map((pfn) => [driver.log.stamp(pfn)]));
    unmapBuffer(mappings[0]);
    expect(readByDevice(mappings[1])).toEqual([driver.log.stamp(pfns[1])]);
    quiet(host);
  });

  it('a device that is taken away leaves no entry, no table page and no address that still leads anywhere', () => {
    for (const holds of ['all RAM', 'own', 'buffers'] as const) {
      const { host, driver, device } = scene('p2m', holds);
      const free = host.heap.freeFrames + device.context!.tablePages;
      const mapping = mapped(device, { pfn: driver.free.takeRun(1)!, bytes: PAGE_BYTES });
      readByDevice(mapping);
      removeDevice(device);
      expect([host.heap.freeFrames >= free, host.dma.contexts]).toEqual([true, []]);
      expect(ruleOf(device.read(mapping.address))).toBe('iommu-maps');
      quiet(host);
    }
  });
});

describe('the audit catches what is broken on purpose', () => {
  const broken = (change: (at: ReturnType<typeof scene>) => void, holds: Holds = 'own'): string[] => {
    const at = scene('p2m', holds);
    change(at);
    return [...new Set(audit(at.host).map(({ rule }) => rule))];
  };

  it('an entry that reaches a frame of another domain', () => {
    expect(
      broken(({ device, guest }) => {
        const mfn = guest.model.machineFrame(asPfn(1));
        device.context!.set(mfn, mfn, true);
      }),
    ).toEqual(['reach']);
  });

  it('an IOTLB entry that the table does not give', () => {
    expect(
      broken(({ device, driver }) => {
        const mfn = driver.model.machineFrame(asPfn(1));
        device.read(mfn * PAGE_BYTES);
        device.context!.table.unmap(mfn, 0);
      }),
    ).toContain('coherence');
  });

  it('a frame that no mapping holds and that counts one', () => {
    expect(broken(({ host, driver }) => host.frames.addPins(driver.model.machineFrame(asPfn(1)), 1))).toEqual([
      'counts',
    ]);
  });

  it('what a rogue device writes, by the guest’s own log', () => {
    expect(
      broken(({ device, guest }) => {
        device.write(guest.model.machineFrame(asPfn(1)) * PAGE_BYTES, 12345);
      }, 'all RAM'),
    ).toEqual(['contents']);
  });
});

it('a domain that drives a device does not move to another host', () => {
  const { host, driver } = scene('p2m', 'none');
  const control = domainOn(host, 'control', 'direct', 16);
  const other = hostWith([[0, FRAMES]]);
  const targetControl = domainOn(other, 'control', 'direct', 16);
  const link = reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 });
  expect(ruleOf(migrate({ guest: driver, control, targetControl, link }))).toBe('no-device-assigned');
});
