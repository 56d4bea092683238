import { assignDevice } from '../../engine/devices/assign-device.js';
import { mapBuffer } from '../../engine/devices/dma-map.js';
import { writeByDevice } from '../../engine/devices/transfer.js';
import {
  type EventCosts,
  type Finding,
  Host,
  Iommu,
  Simulation,
  asPfn,
  buildDomain,
  isFinding,
} from '../../engine/index.js';
import { PAGE_BYTES, countsOnlyPlatform } from '../predictions/counts-only-platform.js';

/** Receive buffers of a page each, more than the IOTLB has entries. */
const BUFFERS = 512;
/** Shares no factor with the number of buffers: every buffer is filled once a round, and no two neighbours in turn. */
const STRIDE = 37;
/** Entries by level of the cache of its walks, those that point to tables of single pages first; makers do not publish theirs. */
const WALK_CACHE = [16, 4, 2];

const must = <Result>(result: Result | Finding): Result => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

/**
 * Nanoseconds a page that a device waits for walks while it fills its buffers over and over.
 * `large`: the buffers lie in one entry of 2 MiB; else each has an entry of its own.
 */
export const iotlbWaitNs = (large: boolean, costs: EventCosts): number => {
  const platform = countsOnlyPlatform({
    id: 'iotlb',
    banks: [{ start: 0, size: 8 * BUFFERS * PAGE_BYTES }],
    costs,
  });
  const host = new Host('host', new Simulation(platform, 'iotlb'));
  const builder = host.simulation.ledger.account('builder');
  const spec = { name: 'driver', model: 'direct', options: { access: 'restricted' }, builder } as const;
  const domain = must(buildDomain(host, spec, 2 * BUFFERS));
  const iotlb = [
    { sets: 16, ways: 4 },
    { sets: 8, ways: 4 },
  ];
  const iommu = new Iommu(host, { name: 'IOMMU', iotlb, walkCache: WALK_CACHE, invalidation: 'strict' });
  const guard = { iommu, holds: large ? 'own' : 'buffers' } as const;
  const device = must(assignDevice(domain, { name: 'NIC', addressBits: 64 }, guard));
  const first = domain.free.takeRun(BUFFERS)!;
  const buffers = Array.from({ length: BUFFERS }, (_, index) =>
    must(mapBuffer(device, { pfn: asPfn(first + index), bytes: PAGE_BYTES }, 'from device')),
  );
  const round = (): void => {
    for (let count = 0; count < BUFFERS; count += 1) {
      must(writeByDevice(buffers[(count * STRIDE) % BUFFERS], [host.simulation.nextStamp()]));
    }
  };
  round();
  const before = device.account.cpuNs;
  round();
  return (device.account.cpuNs - before) / BUFFERS;
};
