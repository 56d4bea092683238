import type { Lab, LabDomain, WorkloadMetric, WorkloadParameter } from '../workload.js';

export const BUFFER_PARAMETERS = {
  buffers: { title: 'Buffers', default: 200, unit: '', min: 1, max: 1e6 },
  bufferSize: { title: 'Size of a buffer', default: 64, unit: 'KiB', min: 16, max: 256 },
  bouncePool: { title: 'Bounce buffers of the domain', default: 4, unit: 'MiB', min: 1, max: 64 },
} as const satisfies Record<string, WorkloadParameter>;

export const BUFFER_METRICS = {
  bounced: {
    title: 'Buffers that are copied',
    unit: '%',
    better: 'lower',
    description:
      'They go through bounce buffers, since the device cannot address them or they do not follow themselves.',
  },
  failed: {
    title: 'Buffers that cannot be used',
    unit: '%',
    better: 'lower',
    description: 'The device cannot be told of them, and there are no bounce buffers for them.',
  },
  bufferTime: {
    title: 'Time of a buffer',
    unit: 'us/buffer',
    better: 'lower',
    description: 'Processor time of the domain to tell the device of it and to take it back, with copies.',
  },
} as const satisfies Record<string, WorkloadMetric>;

type Given = Readonly<Record<string, number>>;

/** Has a device use buffers from anywhere in the domain's memory. */
export const measureBuffers = (lab: Lab, domain: LabDomain, given: Given, addressBits: number): void => {
  const { buffers, bufferSize, bouncePool } = given;
  const count = Math.round(buffers);
  const pages = Math.max(1, Math.ceil((bufferSize * 1024) / lab.pageBytes));
  const mapped = lab.memory.layout.mapBuffers(domain, { buffers: count, pages, addressBits, bouncePool });
  if (mapped === null) return;
  lab.measure('bounced', (mapped.bounced / count) * 100);
  lab.measure('failed', (mapped.failed / count) * 100);
  lab.measure('bufferTime', (mapped.seconds * 1e6) / count);
};
