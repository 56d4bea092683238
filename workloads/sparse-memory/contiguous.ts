import type { Workload } from '../workload.js';
import { BUFFER_METRICS, BUFFER_PARAMETERS, measureBuffers } from './buffers.js';
import { MAP_PARAMETERS, sparseHost } from './scene.js';

export default {
  id: 'sparse-memory/contiguous',
  title: 'A domain0 that needs memory in one piece',
  description:
    'The control domain is built on a host with holes, and devices of its that reach all memory use buffers of several pages in a row. Where its addresses are no frames, pages in a row need not be frames in a row.',
  parameters: { ...MAP_PARAMETERS, ...BUFFER_PARAMETERS },
  metrics: {
    longestRun: {
      title: 'Longest run of memory',
      unit: 'MiB',
      better: 'higher',
      description: 'Pages that follow each other and whose frames do.',
    },
    largePages: {
      title: 'Memory that could be in large pages',
      unit: '%',
      better: 'higher',
      description: 'Share of its memory whose frames follow each other, aligned, over a large page of the platform.',
    },
    ...BUFFER_METRICS,
  },
  run(lab, given) {
    const scene = sparseHost(lab, given);
    if (scene === null) return;
    const { host, domain } = scene;
    lab.measure('longestRun', lab.memory.layout.longestRun(domain));
    lab.measure('largePages', lab.memory.layout.largePageShare(domain) * 100);
    measureBuffers(lab, domain, given, 64);
    lab.memory.check(host);
  },
} satisfies Workload;
