import type { EventCosts } from '../../engine/index.js';
import { iotlbWaitNs } from '../scenes/iotlb-waits.js';
import { type PacketScene, mappedPacketNs, packetCost } from '../scenes/packet-path.js';
import { platformCosts } from '../scenes/platform-costs.js';
import type { Outcome, Prediction } from './prediction.js';

const ETHERNET = { bytes: 1500, segmentBytes: 1448, batch: 16 };
/** A packet as large as TCP's offload makes it. */
const OFFLOADED = { bytes: 65536, segmentBytes: 65536, batch: 16 };

const round = (value: number): number => Math.round(value * 10) / 10;
const total = (scene: PacketScene, direction: 'in' | 'out'): number => {
  const { backendNs, frontendNs } = packetCost(scene, direction);
  return backendNs + frontendNs;
};

export const splitDrivers: Prediction = {
  id: 'split-drivers',
  title:
    'A P2M guest sends and receives through a P2M driver domain, by each way that a page can go, and a driver maps packets through an IOMMU, whose IOTLB is smaller than its buffers. Costs are those of the platform files.',
  covers: ['published/IO-01', 'published/IO-03', 'published/IO-05', 'published/DMA-01', 'published/DMA-06'],

  run() {
    const outcomes = new Map<string, Outcome>();
    const costs = platformCosts('x86-64-2006');
    const paths = { transmit: 'map', receive: 'copy' } as const;
    const then = { costs, ...paths, ...ETHERNET };

    const perByte = (scene: PacketScene): number => total(scene, 'out') / scene.bytes;
    const mapped = perByte(then);
    const offload = (transmit: PacketScene['transmit']): number =>
      round(mapped / perByte({ ...then, ...OFFLOADED, transmit }));
    outcomes.set('published/IO-01', {
      actual: offload('persistent'),
      note: `CPU time a byte, packets of 1500 B mapped one by one against 64 KiB that stay mapped and are copied by the guest; ${offload('map')} if they are mapped all the same`,
    });

    const copyGains = (own: EventCosts): number => {
      const [flip, copy] = (['flip', 'copy'] as const).map((receive) => total({ ...then, costs: own, receive }, 'in'));
      return round((flip / copy - 1) * 100);
    };
    outcomes.set('published/IO-03', {
      actual: copyGains(costs),
      note: `CPU time of both domains, one processor for both; packets of 1500 B, 16 a batch; ${copyGains({ ...costs, pageScrub: 0 })} if frames are not scrubbed on their way through the heap`,
    });

    const usual = packetCost(then, 'in').backendNs;
    const reused = packetCost({ ...then, receive: 'persistent', queueAFrontend: true }, 'in').backendNs;
    outcomes.set('published/IO-05', {
      actual: round((1 - reused / usual) * 100),
      note: 'CPU time of the driver domain, by copy from one queue against a queue for the guest that fills pages that stay granted; of a bridge and what else Linux does there, the cost of a segment is all that is known',
    });

    // A kernel of its own: it writes the table itself.
    const bare = { ...platformCosts('x86-64-2026'), hypercall: 0, ownerCheck: 0 };
    const [strict, deferred] = (['strict', 'deferred'] as const).map((invalidation) =>
      mappedPacketNs(bare, invalidation),
    );
    const gained = round((strict / deferred - 1) * 100);
    const note = `CPU time a packet of 1448 B, invalidated at once against 250 together; the cost of an invalidation is assumed`;
    outcomes.set('published/DMA-06/1', { actual: gained, note });
    outcomes.set('published/DMA-06/2', { actual: gained, note });

    const missNs = 1;
    const [pages, large] = [false, true].map((each) => iotlbWaitNs(each, missNs));
    outcomes.set('published/DMA-01/2', {
      actual: round((1 - large / pages) * 100),
      note: `of the time that a device waits for walks with 512 buffers of a page, what one entry of 2 MiB for them takes away; each buffer missed ${pages / missNs} times a round`,
    });
    return outcomes;
  },
};
