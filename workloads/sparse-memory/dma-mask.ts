import type { Workload } from '../workload.js';
import { BUFFER_METRICS, BUFFER_PARAMETERS, measureBuffers } from './buffers.js';
import { MAP_PARAMETERS, sparseHost } from './scene.js';

export default {
  id: 'sparse-memory/dma-mask',
  title: 'Devices that reach only low memory',
  description:
    'A domain drives a device whose addresses have few bits, on a host whose banks lie partly above what that reaches. Buffers elsewhere go through bounce buffers, for which the domain needs low memory.',
  parameters: {
    ...MAP_PARAMETERS,
    hole: { ...MAP_PARAMETERS.hole, default: 4096 },
    ...BUFFER_PARAMETERS,
    addressBits: { title: 'Bits of the device’s addresses', default: 32, unit: 'bits', min: 24, max: 64 },
  },
  metrics: {
    reachable: {
      title: 'Memory that the device reaches',
      unit: '%',
      better: 'higher',
      description: 'Share of the domain’s memory at machine addresses of so many bits.',
    },
    ...BUFFER_METRICS,
  },
  run(lab, given) {
    const scene = sparseHost(lab, given);
    if (scene === null) return;
    const { host, domain } = scene;
    const bits = Math.round(given['addressBits']);
    lab.measure('reachable', lab.memory.layout.below(domain, bits) * 100);
    measureBuffers(lab, domain, given, bits);
    lab.memory.check(host);
  },
} satisfies Workload;
