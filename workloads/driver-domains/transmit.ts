import type { Workload } from '../workload.js';
import { TRAFFIC_METRICS, TRAFFIC_PARAMETERS, measureTraffic } from './measure-traffic.js';
import { SCENE_PARAMETERS, buildScene } from './scene.js';

export default {
  id: 'driver-domains/transmit',
  title: 'Transmit packets through a driver domain',
  description:
    'Guests send packets over the wire behind a split driver. What the device reads is compared with what was sent. By map, the device reads from the page of the guest itself.',
  parameters: {
    bytes: { title: 'Size of a packet', default: 1500, unit: 'B', min: 64, max: 65536 },
    ...SCENE_PARAMETERS,
    ...TRAFFIC_PARAMETERS,
  },
  metrics: TRAFFIC_METRICS,
  run(lab, parameters) {
    const { bytes, batch } = parameters;
    const scene = buildScene(lab, parameters, { kind: 'network' }, { bytes, batch });
    if (scene !== null) measureTraffic(lab, scene.lines, 'out', parameters);
  },
} satisfies Workload;
