import type { Domain, Finding } from '../../engine/index.js';
import { asPfn, isFinding } from '../../engine/index.js';
import { assignDevice } from '../../engine/devices/assign-device.js';
import { LARGEST_BOUNCE, NO_SLOT, createBouncePool } from '../../engine/devices/bounce-pool.js';
import type { DmaDevice } from '../../engine/devices/dma-device.js';
import { mapScatterList, unmapBuffer } from '../../engine/devices/dma-map.js';
import type { DmaBuffer } from '../../engine/devices/dma-mapping.js';
import { writeByDevice } from '../../engine/devices/transfer.js';

/** What must not be refused. */
const must = <Result>(result: Result | Finding): Result => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

/**
 * Gives a domain a bounce pool of Linux's default size and an NVMe drive with addresses of 64 bits, not behind an IOMMU, as it starts.
 */
export const attachNvme = (domain: Domain): DmaDevice => {
  must(createBouncePool(domain));
  return must(assignDevice(domain, { name: 'NVMe', addressBits: 64 }));
};

/**
 * Reads `count` times `bytes` into one buffer that follows itself by guest frames, as Linux's block layer asks for it: in requests of
 * what the pool could bounce at most (`dma_max_mapping_size`), one element each. Returns how many elements bounced. What the drive
 * wrote is compared with what the kernel finds.
 */
export const readFrom = (nvme: DmaDevice, count: number, bytes: number): number => {
  const { domain } = nvme;
  const { pageBytes } = domain.host.simulation.platform;
  const pages = bytes / pageBytes;
  const first = domain.free.takeRun(pages);
  if (first === null) throw new Error(`${domain.name} has no run of ${bytes} bytes free`);
  const buffers: DmaBuffer[] = [];
  for (let at = 0; at < bytes; at += LARGEST_BOUNCE) {
    buffers.push({ pfn: asPfn(first + at / pageBytes), bytes: Math.min(LARGEST_BOUNCE, bytes - at) });
  }
  let bounced = 0;
  for (let read = 0; read < count; read += 1) {
    for (const mapping of must(mapScatterList(nvme, buffers, 'from device'))) {
      if (mapping.slot !== NO_SLOT) bounced += 1;
      const stamps = mapping.pfns.map(() => domain.host.simulation.nextStamp());
      const refusal = writeByDevice(mapping, stamps);
      if (refusal !== null) throw new Error(refusal.detail);
      unmapBuffer(mapping);
      const found = mapping.pfns.every((pfn, index) => domain.readKernel(pfn) === stamps[index]);
      if (!found) throw new Error(`${domain.name} does not find what was read`);
    }
  }
  for (let page = pages - 1; page >= 0; page -= 1) domain.free.giveBack(asPfn(first + page));
  return bounced;
};
