import { POOLS, WHO, controlMemory, domainOf, mebibytesOf, pagesIn, takeFree } from '../memory-scene.js';
import type { Workload } from '../workload.js';

const READS = 20_000;

export default {
  id: 'oversubscription/large-pages',
  title: 'What ballooning does to large pages',
  description:
    'A domain balloons pages out from anywhere in its memory, another guest takes some of the frames, and is gone again; then the pages come back. Its kernel reads at random over its memory before and after.',
  parameters: {
    ...WHO,
    given: { title: 'Share of its memory that goes and comes back', default: 25, unit: '%', min: 1, max: 90 },
    taken: { title: 'Share of free memory that others take meanwhile', default: 50, unit: '%', min: 1, max: 90 },
  },
  metrics: {
    before: {
      title: 'Memory that could be in large pages before',
      unit: '%',
      better: 'higher',
      description: 'Share of its memory whose frames follow each other, aligned, over a large page of the platform.',
    },
    after: {
      title: 'Memory that could be in large pages after',
      unit: '%',
      better: 'higher',
      description: 'The same once the pages are back.',
    },
    readBefore: {
      title: 'Time of a read before',
      unit: 'ns/access',
      better: 'lower',
      description: 'Processor time of a read of its kernel at random over its memory, with TLB misses.',
    },
    readAfter: {
      title: 'Time of a read after',
      unit: 'ns/access',
      better: 'lower',
      description: 'The same once the pages are back.',
    },
    cameBack: {
      title: 'Share that came back',
      unit: '%',
      better: 'higher',
      description: 'Of the pages that went out.',
    },
  },
  run(lab, parameters) {
    const { memory, given, taken } = parameters;
    const { layout } = lab.memory;
    const control = controlMemory(parameters);
    const size = lab.memory.hypervisorSize + control + memory + 4 * POOLS;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 64) * 64 }], control)) return;
    const host = lab.host('host');
    const domain = host === null ? null : domainOf(host, parameters);
    if (host === null || domain === null) return;
    lab.measure('before', layout.largePageShare(domain) * 100);
    lab.measure('readBefore', layout.readNs(domain, READS));
    const out = domain.balloonOut(pagesIn(lab, (memory * given) / 100));
    if (out === 0) return;
    const enough = mebibytesOf(lab, out) > POOLS;
    const other = enough ? takeFree(host, 'other', taken / 100) : null;
    const back = domain.balloonIn();
    if (other !== null) host.destroy(other);
    const late = domain.balloonIn();
    lab.measure('after', layout.largePageShare(domain) * 100);
    lab.measure('readAfter', layout.readNs(domain, READS));
    lab.measure('cameBack', ((back + late) / out) * 100);
    lab.memory.check(host);
  },
} satisfies Workload;
