import type { Workload } from '../workload.js';
import { MAP_PARAMETERS, sparseHost } from './scene.js';

const READS = 20_000;

export default {
  id: 'sparse-memory/large-pages',
  title: 'Large pages on a host with holes',
  description:
    'A domain is built on a host whose memory lies in banks with holes between them, and its kernel reads at random over all of its memory.',
  parameters: MAP_PARAMETERS,
  metrics: {
    largePages: {
      title: 'Memory that could be in large pages',
      unit: '%',
      better: 'higher',
      description: 'Share of its memory whose frames follow each other, aligned, over a large page of the platform.',
    },
    longestRun: {
      title: 'Longest run of memory',
      unit: 'MiB',
      better: 'higher',
      description: 'Pages that follow each other and whose frames do.',
    },
    readTime: {
      title: 'Time of a read',
      unit: 'ns/access',
      better: 'lower',
      description: 'Processor time of a read of its kernel at random over its memory, with TLB misses.',
    },
  },
  run(lab, given) {
    const scene = sparseHost(lab, given);
    if (scene === null) return;
    const { host, domain } = scene;
    const { layout } = lab.memory;
    lab.memory.frameMap(host, 'once built');
    lab.measure('largePages', layout.largePageShare(domain) * 100);
    lab.measure('longestRun', layout.longestRun(domain));
    lab.measure('readTime', layout.readNs(domain, READS));
  },
} satisfies Workload;
