import { assignDevice } from '../../engine/devices/assign-device.js';
import { SLOT_BYTES } from '../../engine/devices/bounce-pool.js';
import { mapBuffer, unmapBuffer } from '../../engine/devices/dma-map.js';
import { writeByDevice } from '../../engine/devices/transfer.js';
import { type EventCosts, type Finding, Host, Iommu, Simulation, buildDomain, isFinding } from '../../engine/index.js';
import { PAGE_BYTES, countsOnlyPlatform } from '../predictions/counts-only-platform.js';

const REQUESTS = 64;

const must = <Result>(result: Result | Finding): Result => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

/**
 * CPU time of a guest for a read of so many bytes whose buffer it maps and unmaps through an IOMMU that the hypervisor keeps for it, in
 * nanoseconds: an exit each, a look-up and an entry a page, and an invalidation that is waited for. With the interrupt at its end.
 */
export const mappedReadNs = (bytes: number, costs: EventCosts): number => {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const platform = countsOnlyPlatform({
    id: 'virtual IOMMU',
    banks: [{ start: 0, size: 4096 * PAGE_BYTES }],
    costs,
  });
  const host = new Host('host', new Simulation(platform, 'virtual IOMMU'));
  const builder = host.simulation.ledger.account('builder');
  const guest = must(
    buildDomain(host, { name: 'guest', model: 'direct', options: { access: 'restricted' }, builder }, 1024),
  );
  const iommu = new Iommu(host, {
    name: 'IOMMU',
    iotlb: [{ sets: 16, ways: 4 }],
    walkCache: null,
    invalidation: 'strict',
  });
  const device = must(assignDevice(guest, { name: 'NVMe', addressBits: 64 }, { iommu, holds: 'buffers' }));
  const pfn = guest.free.takeRun(pages)!;
  const read = (): void => {
    const mapping = must(mapBuffer(device, { pfn, bytes }, 'from device'));
    must(
      writeByDevice(
        mapping,
        Array.from({ length: pages }, () => host.simulation.nextStamp()),
      ) ?? true,
    );
    unmapBuffer(mapping);
  };
  read();
  const before = guest.account.cpuNs;
  for (let count = 0; count < REQUESTS; count += 1) read();
  return (guest.account.cpuNs - before) / REQUESTS + (costs.upcall ?? 0);
};

/** The same by buffers of a pool that stay mapped: what comes is copied out of them, slot by slot. */
export const bouncedReadNs = (bytes: number, costs: EventCosts): number =>
  (costs.dmaMap ?? 0) + Math.ceil(bytes / SLOT_BYTES) * (costs.bounceCopy ?? 0) + (costs.upcall ?? 0);
