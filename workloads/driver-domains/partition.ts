import type { LabDevice, LabLine } from '../driver-types.js';
import type { LabPlacement } from '../nodes.js';
import type { Lab, LabDomain, LabHost, Workload } from '../workload.js';
import { nodesOf } from '../numa/node-metrics.js';
import { TRAFFIC_METRICS, TRAFFIC_PARAMETERS, measureTraffic } from './measure-traffic.js';
import { GUARDS, SCENE_PARAMETERS, connectBy } from './scene.js';

const { driverDomain: _, ...scene } = SCENE_PARAMETERS;

const PLACES = ['near', 'far', 'blind'] as const;

/** Builds a domain whose processor runs near a device, or far from it, with memory from there, or from all nodes in turn. */
type Build = (role: 'driver' | 'guest', name: string, memory: number, at: Place) => LabDomain | null;
interface Place {
  readonly deviceNode: number;
  readonly place: (typeof PLACES)[number];
}

/** A host without nodes, or with some; null when it is refused. */
const hostOf = (
  lab: Lab,
  { nodes: asked, nodeMemory }: Readonly<Record<'nodes' | 'nodeMemory', number>>,
): { readonly nodes: number; readonly build: Build; readonly host: LabHost } | null => {
  if (asked < 2) {
    const host = lab.host('host');
    return host === null ? null : { host, nodes: 1, build: (role, name, memory) => host.build(role, name, memory) };
  }
  const count = nodesOf(asked);
  const nodes = lab.nodes(count, { node: nodeMemory, control: Math.floor(nodeMemory / 4) });
  const host = nodes?.host('host');
  if (!nodes || !host) return null;
  return {
    host,
    nodes: count,
    build(role, name, memory, { deviceNode, place }) {
      const node = place === 'far' ? nodes.farthestFrom(deviceNode) : deviceNode;
      const placement: LabPlacement = { nodes: [node], spread: 'allocations' };
      const domain = nodes.build(host, { role, name, memory }, place === 'blind' ? undefined : placement);
      if (domain !== null) nodes.runOn(domain, node);
      return domain;
    },
  };
};

export default {
  id: 'driver-domains/partition',
  title: 'Partition the devices of a large host',
  description:
    'A device each for several driver domains, each with a processor of its own, and guests that take turns among them. One domain with all the traffic has one processor for it. On a host with nodes devices are spread over them, and driver domains and guests are asked for near their device or far from it; where memory comes from and what each kernel sees of nodes is up to the models.',
  parameters: {
    bytes: { title: 'Size of a packet', default: 1500, unit: 'B', min: 64, max: 65536 },
    domains: { title: 'Driver domains', default: 2, unit: '', min: 1, max: 16 },
    nodes: { title: 'Nodes; 1 is a host without', default: 1, unit: '', min: 1, max: 8 },
    nodeMemory: { title: 'Memory of a node', default: 512, unit: 'MiB', min: 128, max: 16_384 },
    driverPlace: {
      title:
        'Driver domains on the node of their device (0), on the farthest (1), or there with memory of all nodes (2)',
      default: 0,
      unit: '',
      min: 0,
      max: 2,
    },
    guestPlace: {
      title: 'Guests on the node of the device (0), on the farthest (1), or there with memory of all nodes (2)',
      default: 0,
      unit: '',
      min: 0,
      max: 2,
    },
    ...scene,
    guests: { ...scene.guests, default: 4 },
    ...TRAFFIC_PARAMETERS,
  },
  metrics: {
    ...TRAFFIC_METRICS,
    localShare: {
      title: 'Accesses to near memory',
      unit: '%',
      better: 'higher',
      description:
        'Share of the lines that processors read and wrote for packets, in buffers and rings, that lay on their own node; all of them on a host without nodes.',
    },
    memoryWait: {
      title: 'CPU cycles a packet that wait for far or busy memory',
      unit: 'cycles',
      better: 'lower',
      description:
        'Beyond what near memory takes, which is in the costs of what is done; none on a host without nodes.',
    },
  },
  run(lab, parameters) {
    const { bytes, batch, domains, guests, driverPlace, guestPlace } = parameters;
    const made = hostOf(lab, { nodes: parameters.nodes, nodeMemory: parameters.nodeMemory });
    if (made === null) return;
    const guard = GUARDS[Math.round(parameters.guard)];
    const count = Math.round(domains);
    const nodeOf = (index: number): number => Math.floor(((index % count) * made.nodes) / count);
    const placeOf = (index: number, place: number): Place => ({
      deviceNode: nodeOf(index),
      place: PLACES[Math.round(place)],
    });
    const devices = Array.from({ length: count }, (__, index): LabDevice | null => {
      const at = placeOf(index, driverPlace);
      const driver = made.build('driver', `driver ${index}`, parameters.driverMemory, at);
      return driver === null ? null : lab.drivers.assign(driver, { kind: 'network', guard, node: at.deviceNode });
    });
    const lines: LabLine[] = [];
    for (let index = 0; index < Math.round(guests); index += 1) {
      const at = placeOf(index, guestPlace);
      const guest = made.build('guest', `guest ${index}`, parameters.guestMemory, at);
      const device = devices[index % devices.length];
      const line =
        guest === null || device === null ? null : connectBy(lab, guest, device, parameters.path, { bytes, batch });
      if (line === null) return;
      lines.push(line);
    }
    const traffic = measureTraffic(lab, lines, 'in', parameters);
    if (traffic === null) return;
    lab.measure('localShare', traffic.localShare * 100);
    lab.measure('memoryWait', (traffic.cpuNsByMechanism.memory ?? 0) * lab.clockGHz);
  },
} satisfies Workload;
