import type { Workload } from '../workload.js';
import { TRAFFIC_METRICS, TRAFFIC_PARAMETERS, measureTraffic } from './measure-traffic.js';
import { SCENE_PARAMETERS, buildScene } from './scene.js';

const { wireBusy: _, ...metrics } = TRAFFIC_METRICS;

export default {
  id: 'driver-domains/disk',
  title: 'Read or write a disk through a driver domain',
  description:
    'Guests have requests at a disk behind a split driver. By map and by persistent grants the disk reads and writes pages of the guest; by copy it has frames of the backend. How long the disk itself takes is the time of a read or a write of the platform, and its data rate.',
  parameters: {
    bytes: { title: 'Size of a request', default: 4096, unit: 'B', min: 4096, max: 131072 },
    writes: { title: 'Reads (0) or writes (1)', default: 0, unit: '', min: 0, max: 1 },
    parallel: { title: 'Requests that the disk works on at once', default: 32, unit: '', min: 1, max: 256 },
    diskRate: { title: 'Data that it moves in a second, for each', default: 1000, unit: 'MiB/s', min: 1, max: 1e5 },
    ...SCENE_PARAMETERS,
    ...TRAFFIC_PARAMETERS,
    interruptPackets: { ...TRAFFIC_PARAMETERS.interruptPackets, default: 1 },
    interruptDelay: { ...TRAFFIC_PARAMETERS.interruptDelay, default: 0 },
  },
  metrics,
  run(lab, parameters) {
    const { bytes, batch, writes, parallel, diskRate } = parameters;
    const scene = buildScene(lab, parameters, { kind: 'disk' }, { bytes, batch });
    const disk = { parallel, mebibytesPerSecond: diskRate };
    if (scene !== null) measureTraffic(lab, scene.lines, writes >= 0.5 ? 'out' : 'in', parameters, disk);
  },
} satisfies Workload;
