import { simulateQueues, throughput } from '../../engine/index.js';
import { iotlbWaitNs } from '../scenes/iotlb-waits.js';
import { platformCosts } from '../scenes/platform-costs.js';
import { requestsPerSecond } from '../scenes/unmap-storm.js';
import { bouncedReadNs, mappedReadNs } from '../scenes/virtual-iommu.js';
import { zeroCosts } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const PAGE_BYTES = 4096;
const WIRE_BITS_A_NANOSECOND = 200;
/** Pages that a network device has under way. */
const UNDER_WAY = 64;
const KIBIBYTES = [4, 16, 64, 128] as const;

const round = (value: number): number => Math.round(value * 10) / 10;

/** Share of the throughput of a wire that is lost when each piece of so many bytes takes a walk, one walk after the other, in %. */
const lostToWalks = (bytes: number, walkNs: number): number => {
  const wireNs = (bytes * 8) / WIRE_BITS_A_NANOSECOND;
  const rate = (ns: number): number => {
    const stage = (name: string, each: number) => ({ name, servers: 1, batch: 1, serve: () => each });
    const stages = [stage('wire', wireNs), stage('walks', ns)];
    const arrivals = { kind: 'closed', window: UNDER_WAY } as const;
    return throughput(simulateQueues({ stages, routes: [[0, 1]], arrivals, jobs: 4000 }), 1000);
  };
  return round((1 - rate(walkNs) / rate(0)) * 100);
};

export const queuedRequests: Prediction = {
  id: 'queued-requests',
  title:
    'Requests that wait for each other: a device fills pages through an IOMMU whose IOTLB is smaller than its buffers, threads of a backend flush the TLBs of each other, and a guest maps buffers through a virtual IOMMU. Costs are those of the platform file.',
  covers: ['published/DMA-01', 'published/DMA-07', 'published/IO-14'],

  run() {
    const outcomes = new Map<string, Outcome>();
    const costs = platformCosts('x86-64-2026');

    const walkNs = iotlbWaitNs(false, zeroCosts(costs));
    outcomes.set('published/DMA-01/1', {
      actual: lostToWalks(PAGE_BYTES, walkNs),
      note: `a walk takes ${round(walkNs)} ns, of assumed costs, and a page of 4 KiB ${round((PAGE_BYTES * 8) / WIRE_BITS_A_NANOSECOND)} ns of the wire; walks one after the other, beside the wire. ${lostToWalks(1500, walkNs)} if each packet of 1500 B has a page to itself`,
    });
    const missNs = 1;
    const [pages, large] = [false, true].map((each) => iotlbWaitNs(each, zeroCosts({ iotlbMiss: missNs })));
    outcomes.set('published/DMA-01/2', {
      actual: round((1 - large / pages) * 100),
      note: `of the time that a device waits for walks with 512 buffers of a page, what one entry of 2 MiB for them takes away; each buffer missed ${pages / missNs} times a round`,
    });

    const inThousands = (guests: number): number => Math.round(requestsPerSecond(guests, costs) / 1000);
    outcomes.set('published/IO-14', {
      actual: inThousands(5) * 1000,
      note: `requests of a page, each mapped and unmapped by itself, a thread of the backend for each guest, one flush at a time; ${[1, 2, 10].map((guests) => `${inThousands(guests)} thousand with ${guests}`).join(', ')} (published with ten: 400 thousand). The interrupt's cost is from VM-11, where a hypervisor below made each one exit`,
    });

    for (const [index, kibibytes] of KIBIBYTES.entries()) {
      const bytes = kibibytes * 1024;
      const own = { ...costs, ownerCheck: 0 };
      outcomes.set(`published/DMA-07/${index + 1}`, {
        actual: round(mappedReadNs(bytes, own) / bouncedReadNs(bytes, own)),
        note: 'CPU time of a read: two exits, an entry a page and an invalidation, against a copy; each with an interrupt. The exit goes no further than the hypervisor: a monitor in user space, its system call and the pinning of each page, which the published one has, have no cost here',
      });
    }
    return outcomes;
  },
};
