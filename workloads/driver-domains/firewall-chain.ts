import type { LabLine } from '../driver-types.js';
import type { Workload } from '../workload.js';
import { TRAFFIC_METRICS, TRAFFIC_PARAMETERS, measureTraffic } from './measure-traffic.js';
import { chainOf } from './chain-stations.js';
import { GUARDS, SCENE_PARAMETERS } from './scene.js';

const { guests: _, path: __, ...scene } = SCENE_PARAMETERS;

export default {
  id: 'driver-domains/firewall-chain',
  title: 'Send packets through firewall domains',
  description:
    'A guest sends through one to three domains, each of which has a frontend to the next and a backend for the one before, to the domain with the device. A page that a firewall has mapped is not its own: what it grants on is refused, and it copies. By copy each has a frame of its own anyway; a grant that is passed on is copied by the next backend. Contents are compared at the device, page by page.',
  parameters: {
    bytes: { title: 'Size of a packet', default: 1500, unit: 'B', min: 64, max: 65536 },
    hops: { title: 'Firewalls between', default: 1, unit: '', min: 0, max: 3 },
    handOn: {
      title: 'Pages are handed on by copy (0), map (1), or grants passed on (2)',
      default: 1,
      unit: '',
      min: 0,
      max: 2,
    },
    ...scene,
    ...TRAFFIC_PARAMETERS,
  },
  metrics: {
    ...TRAFFIC_METRICS,
    cpuPerHop: {
      title: 'CPU cycles a packet and a firewall',
      unit: 'cycles',
      better: 'lower',
      description: 'Processor time of the firewalls themselves, by packet and by firewall; none without any.',
    },
    forcedCopies: {
      title: 'Copies that were forced',
      unit: 'a page',
      better: 'lower',
      description: 'Copies that firewalls made of pages that the hypervisor would not let them grant on, by page sent.',
    },
    handedOn: {
      title: 'Pages that a firewall handed on as they were',
      unit: '%',
      better: 'higher',
      description: 'Share of the pages that went through a firewall without a copy of its own.',
    },
  },
  run(lab, parameters) {
    const { bytes, batch, hops, handOn } = parameters;
    const host = lab.host('host');
    const isOwn = parameters.driverDomain >= 0.5;
    const backend =
      host === null ? null : isOwn ? host.build('driver', 'driver', parameters.driverMemory) : host.control;
    const guard = GUARDS[Math.round(parameters.guard)];
    const device = backend === null ? null : lab.drivers.assign(backend, { kind: 'network', guard });
    if (host === null || device === null) return;
    let line: LabLine | null = null;
    const count = Math.round(hops);
    const way = (['copy', 'map', 'pass'] as const)[Math.round(handOn)];
    for (let hop = 0; hop <= count; hop += 1) {
      const frontend = host.build(
        hop < count ? 'driver' : 'guest',
        hop < count ? `firewall ${hop + 1}` : 'guest',
        parameters.guestMemory,
      );
      if (frontend === null) return;
      const transmit = way === 'pass' && hop === 0 ? 'copy' : way;
      const behind: LabLine | null = line;
      // Nothing comes in: the way in is one that the hypervisor has where it has the way out.
      const receive = way === 'map' ? 'map' : 'copy';
      line = lab.drivers.connect(frontend, behind ?? device, { transmit, receive, bytes, batch });
      if (line === null) {
        lab.chain(chainOf(lab, { end: frontend, line: behind, device }, null));
        return;
      }
    }
    const before = line!.hops.map(({ copied, passed }) => ({ copied, passed }));
    const traffic = measureTraffic(lab, [line!], 'out', parameters);
    lab.chain(chainOf(lab, { end: null, line: line!, device }, traffic));
    if (traffic === null) return;
    const went = line!.hops.map((each, hop) => ({
      copied: each.copied - before[hop].copied,
      passed: each.passed - before[hop].passed,
    }));
    const sum = (of: 'copied' | 'passed'): number => went.reduce((total, each) => total + each[of], 0);
    const between = line!.domains.slice(1, -1).reduce((total, domain) => total + traffic.cpuNsByDomain.get(domain)!, 0);
    lab.measure('cpuPerHop', count === 0 ? 0 : (between * lab.clockGHz) / count);
    // Both measurements, each with the burst that it begins with.
    const pages = 2 * (parameters.packets + batch) * Math.ceil(bytes / lab.pageBytes) * Math.max(1, count);
    lab.measure('forcedCopies', sum('copied') / pages);
    lab.measure('handedOn', (sum('passed') / pages) * 100);
    const wrong = lab.drivers.check();
    if (wrong.length > 0) throw new Error(wrong.join('; '));
  },
} satisfies Workload;
