import type { LabLine, LabTraffic, LabTrafficOptions } from '../driver-types.js';
import type { Lab, LabMechanism, WorkloadMetric, WorkloadParameter } from '../workload.js';

/** Parameters of traffic. */
export const TRAFFIC_PARAMETERS = {
  packets: { title: 'Packets or requests measured', default: 2000, unit: '', min: 100, max: 1e6 },
  window: { title: 'Under way for each guest at saturation', default: 32, unit: '', min: 1, max: 256 },
  load: {
    title: 'Load at which latency is taken, of the throughput at saturation',
    default: 70,
    unit: '%',
    min: 1,
    max: 99,
  },
  batch: { title: 'Packets that the backend takes up together at most', default: 64, unit: '', min: 1, max: 256 },
  interruptPackets: { title: 'The device interrupts once so many wait', default: 16, unit: '', min: 1, max: 256 },
  interruptDelay: { title: 'It interrupts after this time at the latest', default: 50, unit: 'µs', min: 0, max: 1e4 },
} as const satisfies Record<string, WorkloadParameter>;

const cycles = (title: string, description: string): WorkloadMetric => ({
  title,
  unit: 'cycles',
  better: 'lower',
  description,
});

const tally = (title: string, description: string): WorkloadMetric => ({
  title,
  unit: 'a packet',
  better: 'lower',
  description,
});

/** What every workload with traffic states. A packet stands for a request where there are requests. */
export const TRAFFIC_METRICS = {
  cpuPerPacket: cycles(
    'CPU cycles a packet',
    'Processor time of all domains on the way that was charged while packets moved at saturation, by packet.',
  ),
  driverCpu: cycles('CPU cycles a packet of the domain with the device', 'Its part of that.'),
  guestCpu: cycles('CPU cycles a packet of the guests', 'The part of the domains at the end.'),
  betweenCpu: cycles('CPU cycles a packet of hybrid domains', 'The part of the domains between; none without a chain.'),
  throughput: {
    title: 'Throughput at saturation',
    unit: 'packets/s',
    better: 'higher',
    description: 'Packets a second when every guest always has as many under way as its window allows.',
  },
  dataRate: {
    title: 'Data at saturation',
    unit: 'Mbit/s',
    better: 'higher',
    description: 'The same in bits of payload.',
  },
  wireBusy: {
    title: 'Wire at work at saturation',
    unit: '%',
    better: 'higher',
    description: 'Share of the time; near 100 where the wire is what saturates. None for a disk.',
  },
  deviceBusy: {
    title: 'Device at work at saturation',
    unit: '%',
    better: 'lower',
    description: 'Share of the time that the device works, or waits for walks of the IOMMU.',
  },
  driverBusy: {
    title: 'Processor of the domain with the device at work at saturation',
    unit: '%',
    better: 'lower',
    description: 'Share of the time; near 100 where this processor is what saturates.',
  },
  latency: {
    title: 'Median latency',
    unit: 'µs',
    better: 'lower',
    description: 'From the first queue to the end of the last service, when packets come at random at the load given.',
  },
  latency99: {
    title: '99th percentile of latency',
    unit: 'µs',
    better: 'lower',
    description: 'One packet in a hundred takes longer.',
  },
  copies: tally('Copies', 'Pages copied, parts of pages as parts, by hypervisor, domains and bounce pool.'),
  flips: tally('Flips', 'Frames that changed their owner.'),
  maps: tally('Maps', 'Frames of another domain that were entered for one.'),
  flushes: tally(
    'Flushes',
    'Translations of processors and of the IOMMU that were taken out, one by one or all at once.',
  ),
  interrupts: tally('Interrupts', 'Events delivered, interrupts of devices, and interrupts between processors.'),
  hypercalls: tally('Hypercalls', 'Entries into the hypervisor: grant operations, notifications and others.'),
} as const satisfies Record<string, WorkloadMetric>;

/** The mechanisms in words that the parts of CPU time go by. */
const TITLES: Readonly<Partial<Record<LabMechanism, string>>> = {
  grants: 'grants',
  foreignMap: 'map foreign pages',
  translation: 'translation',
  copy: 'copy',
  network: 'network stack and driver',
  rings: 'rings and event channels',
  dma: 'translate DMA addresses',
  iommu: 'IOMMU tables and IOTLB',
  bounce: 'bounce pool',
  populate: 'build and release memory',
  pageTables: 'page tables',
  movement: 'move memory',
  work: 'own work',
  memory: 'wait for far or busy memory',
};

/** Traffic as the parameters say, at saturation and at a part of that; states the metrics. Null when it is refused. */
export const measureTraffic = (
  lab: Lab,
  lines: readonly LabLine[],
  kind: LabTrafficOptions['kind'],
  parameters: Readonly<Record<keyof typeof TRAFFIC_PARAMETERS, number>>,
  disk?: LabTrafficOptions['disk'],
): LabTraffic | null => {
  const { packets, window, load, batch, interruptPackets, interruptDelay } = parameters;
  const common = {
    lines,
    kind,
    packets,
    batch,
    moderation: { packets: interruptPackets, microseconds: interruptDelay },
    ...(disk === undefined ? {} : { disk }),
  };
  const full = lab.drivers.traffic({ ...common, arrivals: { window } });
  if (full === null) return null;
  const part = lab.drivers.traffic({ ...common, arrivals: { perSecond: (full.perSecond * load) / 100 } });
  if (part === null) return null;
  const inCycles = (ns: number): number => ns * lab.clockGHz;
  const ends = new Set(lines.map(({ domains }) => domains[domains.length - 1]));
  const first = lines[0].domains[0];
  const sumOver = (belongs: (domain: (typeof lines)[0]['domains'][0]) => boolean): number =>
    [...full.cpuNsByDomain].reduce((sum, [domain, ns]) => sum + (belongs(domain) ? ns : 0), 0);
  const starts = new Set(lines.map(({ domains }) => domains[0]));
  const busy = (starting: string): number =>
    Math.max(0, ...[...full.utilisation].filter(([name]) => name.startsWith(starting)).map(([, share]) => share)) * 100;
  const isBetween = (domain: typeof first): boolean => !starts.has(domain) && !ends.has(domain);

  lab.measure('cpuPerPacket', inCycles(full.cpuNs));
  lab.measure('driverCpu', inCycles(sumOver((domain) => starts.has(domain))));
  lab.measure('guestCpu', inCycles(sumOver((domain) => ends.has(domain))));
  lab.measure('betweenCpu', inCycles(sumOver(isBetween)));
  lab.measure('throughput', full.perSecond);
  lab.measure('dataRate', (full.perSecond * lines[0].bytes * 8) / 1e6);
  lab.measure('wireBusy', busy('wire'));
  lab.measure('deviceBusy', busy('device'));
  lab.measure('driverBusy', Math.max(...[...starts].map(({ name }) => busy(name))));
  lab.measure('latency', part.medianNs / 1e3);
  lab.measure('latency99', part.p99Ns / 1e3);
  for (const [name, count] of Object.entries(full.tally)) lab.measure(name, count);
  const parts = Object.entries(full.cpuNsByMechanism)
    .filter(([, ns]) => ns > 0)
    .map(([name, ns]) => ({
      title: TITLES[name as LabMechanism] ?? name,
      waiting: false,
      value: inCycles(ns),
    }));
  lab.explain('cpuPerPacket', parts);
  return full;
};
