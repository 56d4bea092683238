import { POOLS, SMALL_CONTROL, freeOf, pagesIn } from '../memory-scene.js';
import type { LabDomain, Workload } from '../workload.js';
import { BUFFER_METRICS, BUFFER_PARAMETERS, measureBuffers } from './buffers.js';
import { MAP_PARAMETERS, banksOf } from './scene.js';

/** Guests at a time on the ageing host. */
const GUESTS = 6;
const READS = 20_000;

const { role, ...MAP } = MAP_PARAMETERS;

export default {
  id: 'sparse-memory/ageing',
  title: 'Allocation after guests came and went',
  description:
    'Guests of random sizes are built and destroyed on a host with holes, round after round, and each gives pages up from anywhere in its memory. Then a domain is wanted in what is free.',
  parameters: {
    ...MAP,
    role: { ...role, title: 'Who is wanted: 0 a guest, 1 a driver domain', max: 1, default: 1 },
    rounds: { title: 'Guests that come and go', default: 24, unit: '', min: 0, max: 10_000 },
    scattered: { title: 'Share of its memory that each gives up', default: 10, unit: '%', min: 0, max: 50 },
    ...BUFFER_PARAMETERS,
  },
  metrics: {
    builds: {
      title: 'The domain can be built',
      unit: '',
      better: 'higher',
      description: '1 when it gets its memory from what is free; 0 when not, though there is enough.',
    },
    freeChunks: {
      title: 'Free memory in large chunks',
      unit: '%',
      better: 'higher',
      description: 'Share of free memory in chunks of at least 4 MiB when the domain is wanted.',
    },
    largePages: {
      title: 'Memory that could be in large pages',
      unit: '%',
      better: 'higher',
      description: 'Share of its memory whose frames follow each other, aligned, over a large page of the platform.',
    },
    readTime: {
      title: 'Time of a read',
      unit: 'ns/access',
      better: 'lower',
      description: 'Processor time of a read of its kernel at random over its memory, with TLB misses.',
    },
    ...BUFFER_METRICS,
  },
  run(lab, given) {
    const { memory, rounds, scattered } = given;
    if (!lab.memory.lay(banksOf(lab, given), SMALL_CONTROL)) return;
    const host = lab.host('host');
    if (host === null) return;
    lab.memory.frameMap(host, 'before');
    const stream = lab.random('sizes of guests');
    const guests: LabDomain[] = [];
    const most = (freeOf(host) - memory - 2 * POOLS) / GUESTS;
    for (let round = 0; round < Math.round(rounds); round += 1) {
      if (guests.length === GUESTS) {
        const [gone] = guests.splice(stream.below(GUESTS), 1);
        if (!host.destroy(gone)) return;
      }
      const size = Math.floor(most * (0.4 + 0.5 * (stream.below(100) / 100)));
      const guest = host.build('guest', `guest ${round}`, Math.max(4, size));
      if (guest === null) return;
      guest.balloonOut(Math.floor((pagesIn(lab, size) * scattered) / 100));
      guests.push(guest);
    }
    lab.measure('freeChunks', lab.memory.layout.freeInChunks(host, 4) * 100);
    const domain = host.build(Math.round(given['role']) === 1 ? 'driver' : 'guest', 'domain', memory);
    lab.measure('builds', domain === null ? 0 : 1);
    lab.memory.frameMap(host, 'after', { name: 'guests that came and went', domains: guests });
    if (domain === null) return;
    lab.measure('largePages', lab.memory.layout.largePageShare(domain) * 100);
    lab.measure('readTime', lab.memory.layout.readNs(domain, READS));
    measureBuffers(lab, domain, given, 64);
    lab.memory.check(host);
  },
} satisfies Workload;
