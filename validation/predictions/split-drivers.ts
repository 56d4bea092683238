import type { EventCosts } from '../../engine/index.js';
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
    'A P2M guest sends and receives through a P2M driver domain, by each way that a page can go, and a driver maps packets through an IOMMU. Costs are those of the platform files.',
  covers: ['published/IO-01', 'published/IO-03', 'published/IO-05', 'published/DMA-06'],

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
      note: `CPU time a byte, with one copy from the application in both, packets of 1500 B mapped one by one against 64 KiB that stay mapped and are copied by the guest; ${offload('map')} if they are mapped all the same`,
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
    const saved = (queueAFrontend: boolean): number =>
      round((1 - packetCost({ ...then, receive: 'persistent', queueAFrontend }, 'in').backendNs / usual) * 100);
    outcomes.set('published/IO-05', {
      actual: saved(false),
      note: `CPU time of the driver domain with a conventional device, of which the abstract gives the figure, by copy against pages that stay granted; ${saved(true)} with a queue of the device for the guest. Of a bridge and what else Linux does there, the cost of a segment is all that is known`,
    });

    // A kernel of its own: it writes the table itself.
    const bare = { ...costs, hypercall: 0, ownerCheck: 0, p2mLookup: 0 };
    const [none, strict, deferred] = (['no IOMMU', 'strict', 'deferred'] as const).map(
      (each) => 1 / mappedPacketNs(bare, each),
    );
    const gained = round(((deferred - strict) / (none - strict)) * 100);
    const note = `of the packets a second that a processor loses to the IOMMU, as the commit says it of UDP with small packets; sign right. Finding an address for each packet, which 2.6.25 did by a search under a lock and deferred flushing does not save, is not charged; the cost of an invalidation is assumed`;
    outcomes.set('published/DMA-06/1', { actual: gained, note });
    outcomes.set('published/DMA-06/2', { actual: gained, note });
    return outcomes;
  },
};
