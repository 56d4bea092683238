import type { LabLine } from '../driver-types.js';
import type { Workload } from '../workload.js';
import { TRAFFIC_METRICS, TRAFFIC_PARAMETERS, measureTraffic } from './measure-traffic.js';
import { GUARDS, SCENE_PARAMETERS, connectBy } from './scene.js';

const { driverDomain: _, ...scene } = SCENE_PARAMETERS;

export default {
  id: 'driver-domains/partition',
  title: 'Partition the devices of a large host',
  description:
    'A device each for several driver domains, each with a processor of its own, and guests that take turns among them. One domain with all the traffic has one processor for it.',
  parameters: {
    bytes: { title: 'Size of a packet', default: 1500, unit: 'B', min: 64, max: 65536 },
    domains: { title: 'Driver domains', default: 2, unit: '', min: 1, max: 16 },
    ...scene,
    guests: { ...scene.guests, default: 4 },
    ...TRAFFIC_PARAMETERS,
  },
  metrics: TRAFFIC_METRICS,
  run(lab, parameters) {
    const { bytes, batch, domains, guests } = parameters;
    const host = lab.host('host');
    if (host === null) return;
    const guard = GUARDS[Math.round(parameters.guard)];
    const devices = Array.from({ length: Math.round(domains) }, (__, index) => {
      const driver = host.build('driver', `driver ${index}`, parameters.driverMemory);
      return driver === null ? null : lab.drivers.assign(driver, { kind: 'network', guard });
    });
    const lines: LabLine[] = [];
    for (let index = 0; index < Math.round(guests); index += 1) {
      const guest = host.build('guest', `guest ${index}`, parameters.guestMemory);
      const device = devices[index % devices.length];
      const line =
        guest === null || device === null ? null : connectBy(lab, guest, device, parameters.path, { bytes, batch });
      if (line === null) return;
      lines.push(line);
    }
    measureTraffic(lab, lines, 'in', parameters);
  },
} satisfies Workload;
