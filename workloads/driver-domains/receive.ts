import type { Workload } from '../workload.js';
import { TRAFFIC_METRICS, TRAFFIC_PARAMETERS, measureTraffic } from './measure-traffic.js';
import { SCENE_PARAMETERS, buildScene } from './scene.js';

export default {
  id: 'driver-domains/receive',
  title: 'Receive packets through a driver domain',
  description:
    'Packets come over the wire to guests behind a split driver. Each has contents of its own, which the guest compares. First as many as can be, then at a part of that rate, at random.',
  parameters: {
    bytes: { title: 'Size of a packet', default: 1500, unit: 'B', min: 64, max: 65536 },
    queues: {
      title: 'One queue of the device for all (0), or one for each guest (1)',
      default: 0,
      unit: '',
      min: 0,
      max: 1,
    },
    ...SCENE_PARAMETERS,
    ...TRAFFIC_PARAMETERS,
  },
  metrics: TRAFFIC_METRICS,
  run(lab, parameters) {
    const { bytes, batch, queues } = parameters;
    const scene = buildScene(lab, parameters, { kind: 'network', queueAFrontend: queues >= 0.5 }, { bytes, batch });
    if (scene !== null) measureTraffic(lab, scene.lines, 'in', parameters);
  },
} satisfies Workload;
