import type { Workload } from '../workload.js';
import { TRAFFIC_METRICS, TRAFFIC_PARAMETERS, measureTraffic } from './measure-traffic.js';
import { SCENE_PARAMETERS, buildScene } from './scene.js';

export default {
  id: 'driver-domains/request-response',
  title: 'Requests and responses through a driver domain',
  description:
    'A packet comes in for a guest, which sends one of the same size back when it has it. With a few under way it is latency that counts.',
  parameters: {
    bytes: { title: 'Size of a request, and of a response', default: 64, unit: 'B', min: 64, max: 65536 },
    ...SCENE_PARAMETERS,
    ...TRAFFIC_PARAMETERS,
    window: { ...TRAFFIC_PARAMETERS.window, default: 4 },
    interruptPackets: { ...TRAFFIC_PARAMETERS.interruptPackets, default: 1 },
    interruptDelay: { ...TRAFFIC_PARAMETERS.interruptDelay, default: 0 },
  },
  metrics: TRAFFIC_METRICS,
  run(lab, parameters) {
    const { bytes, batch } = parameters;
    const scene = buildScene(lab, parameters, { kind: 'network' }, { bytes, batch });
    if (scene !== null) measureTraffic(lab, scene.lines, 'respond', parameters);
  },
} satisfies Workload;
