import {
  type DmaDevice,
  type Domain,
  Event,
  type EventName,
  Mechanism,
  type Platform,
  type QueueStage,
  type RandomStream,
  busiestStage,
  checkQueueLaws,
  percentile,
  simulateQueues,
  throughput,
  utilisation,
} from '../engine/index.js';
import type { LabBurst, LabLine, LabTally, LabTraffic, LabTrafficOptions } from './driver-types.js';
import type { InsideLine } from './lab-lines.js';
import { packetMemory } from './lab-packet-memory.js';
import type { LabDomain, LabMechanism } from './workload.js';

type Direction = 'in' | 'out';

/** Events that are counted a packet, by kind. */
const TALLIES: Readonly<Record<LabTally, readonly EventName[]>> = {
  copies: ['pageCopy', 'bounceCopy'],
  flips: ['frameTransfer'],
  maps: ['foreignEnter'],
  flushes: [
    'purge',
    'flushAll',
    'hashRemove',
    'pageFlush',
    'spaceFlush',
    'secondStageFlush',
    'iotlbInvalidation',
    'iotlbFlush',
  ],
  interrupts: ['upcall', 'flushInterrupt'],
  hypercalls: ['grantOperation', 'hypercall', 'notification', 'memoryOperation', 'multicall', 'mmuextOperation'],
};

const TALLY_NAMES = Object.keys(TALLIES) as readonly LabTally[];
const NO_TALLY: Readonly<Record<LabTally, number>> = {
  copies: 0,
  flips: 0,
  maps: 0,
  flushes: 0,
  interrupts: 0,
  hypercalls: 0,
};

interface TrafficSetting {
  readonly platform: Platform;
  readonly stream: RandomStream;
  readonly domainOf: (face: LabDomain) => Domain;
  readonly insideOf: (line: LabLine) => InsideLine;
  /** The node that the domain's processor runs on, where it was told. */
  readonly nodeOf: (face: LabDomain) => number | undefined;
  /** Lets virtual time pass, so that timers of the engine run. */
  readonly pass: (ns: number) => void;
}

/** CPU time of the domains of a line and of its device that moving one packet took, the last time. */
type Costs = Map<LabDomain | 'device', number>;

/** Where processors and devices are, if all of them were told. */
const placesOf = (
  { platform, domainOf, insideOf, nodeOf }: TrafficSetting,
  lines: readonly LabLine[],
): ReadonlyMap<Domain | DmaDevice, number> | null => {
  const nodes = new Map<Domain | DmaDevice, number | undefined>();
  for (const line of lines) {
    for (const face of line.domains) nodes.set(domainOf(face), nodeOf(face));
    const { dma, options } = insideOf(line).device;
    nodes.set(dma, options.node);
  }
  if (platform.numa === undefined || [...nodes.values()].includes(undefined)) return null;
  return nodes as ReadonlyMap<Domain | DmaDevice, number>;
};

/**
 * Traffic over lines as a network of queues. The domain with the device serves batches, and each is moved for real, on the engine's
 * state: what is charged to that domain is how long it takes. Other stages of a packet take what the last batch of its line was
 * charged there: they come before or after the moment at which the engine moves it.
 */
export const runTraffic = (setting: TrafficSetting, options: LabTrafficOptions): LabTraffic | null => {
  const { platform, domainOf, insideOf, pass } = setting;
  const { lines, kind, arrivals, batch, moderation, disk } = options;
  const costs = lines.map((): Record<Direction, Costs> => ({ in: new Map(), out: new Map() }));
  const places = placesOf(setting, lines);
  const memory = places === null ? null : packetMemory(platform, places);
  let failed = 0;

  /** Moves packets of a line on the engine. The nanoseconds that the domain with the device was charged. */
  const move = (source: number, direction: Direction, packets: number): number => {
    const line = lines[source];
    const { account } = insideOf(line).device.dma;
    const before = line.domains.map((face) => domainOf(face).account.cpuNs);
    const walked = account.cpuNs;
    if (direction === 'in') domainOf(line.domains[0]).account.charge(Mechanism.rings, Event.upcall);
    const burst = (): LabBurst => line.move(direction, packets);
    const { intact } = memory === null ? burst() : memory.moving(source, direction, packets, burst);
    failed += packets - intact;
    const spent = line.domains.map((face, index) => domainOf(face).account.cpuNs - before[index]);
    const of = costs[source][direction];
    line.domains.forEach((face, index) => of.set(face, spent[index] / packets));
    of.set('device', (account.cpuNs - walked) / packets);
    pass(spent[0]);
    return spent[0];
  };

  const directions: readonly Direction[] = kind === 'respond' ? ['in', 'out'] : [kind];
  for (const [source] of lines.entries()) for (const direction of directions) move(source, direction, batch);
  if (failed > 0) return null;

  const wireNs = (source: number): number => (lines[source].bytes * 8 * 1e9) / platform.link.bitsPerSecond;
  const deviceNs = (source: number, direction: Direction): number => {
    const walks = costs[source][direction].get('device') ?? 0;
    if (lines[source].device.kind !== 'disk' || disk === undefined) return walks;
    const each = platform.costs[kind === 'in' ? 'diskRead' : 'diskWrite'] ?? 0;
    return walks + each + (lines[source].bytes / (disk.mebibytesPerSecond * 2 ** 20)) * 1e9;
  };
  memory?.settle((shares, stallNs) => {
    const spentNs = (index: number): number => {
      const { source, direction, mover } = shares[index];
      const face = lines[source].domains.find((each) => domainOf(each) === mover);
      const ns = face === undefined ? deviceNs(source, direction) : costs[source][direction].get(face)!;
      return (ns + stallNs[index]) / (face === undefined ? (disk?.parallel ?? 1) : 1);
    };
    /** How long a round takes, of a packet of each line, for each that is on the way of some. */
    const roundNs = new Map<unknown, number>();
    shares.forEach(({ mover }, index) => roundNs.set(mover, (roundNs.get(mover) ?? 0) + spentNs(index)));
    const wires = new Map<unknown, number>();
    for (const [source, line] of lines.entries())
      wires.set(line.device, (wires.get(line.device) ?? 0) + wireNs(source));
    return shares.map(({ source }) => {
      const onTheWay = shares.filter((other) => other.source === source).map(({ mover }) => roundNs.get(mover)!);
      const arrival = 'window' in arrivals ? 0 : (lines.length * 1e9) / arrivals.perSecond;
      const wire = lines[source].device.kind === 'disk' ? 0 : wires.get(lines[source].device)!;
      return Math.max(arrival, wire, ...onTheWay);
    });
  });

  const names: string[] = [];
  const stages: QueueStage[] = [];
  const stageOf = new Map<unknown, number>();
  const stage = (key: unknown, made: QueueStage): number => {
    const known = stageOf.get(key);
    if (known !== undefined) return known;
    stageOf.set(key, stages.length);
    names.push(made.name);
    stages.push(made);
    return stages.length - 1;
  };
  /** Where each step of a route moves its packet to: for a response the second half goes out. */
  const routes = lines.map((line, own) => {
    const { device } = line;
    const inside = insideOf(line).device;
    const isDisk = device.kind === 'disk';
    const wire = (direction: Direction): number =>
      stage(`${direction} ${inside.dma.account.name}`, {
        name: `wire ${direction}`,
        servers: 1,
        batch: 1,
        serve: () => wireNs(own),
      });
    const dma = stage(inside, {
      name: 'device',
      servers: disk?.parallel ?? 1,
      batch: 1,
      serve: ([{ job, step }]) => deviceNs(job.source, directionAt(job.source, step)),
    });
    const [first] = line.domains;
    const backend = stage(first, {
      name: first.name,
      servers: 1,
      batch,
      moderation: { jobs: moderation.packets, delayNs: moderation.microseconds * 1e3 },
      serve: (visits) => {
        let ns = 0;
        for (const [each] of lines.entries()) {
          for (const direction of directions) {
            const count = visits.filter(
              ({ job, step }) => job.source === each && directionAt(each, step) === direction,
            ).length;
            if (count > 0) ns += move(each, direction, count);
          }
        }
        return ns;
      },
    });
    const others = line.domains.slice(1).map((face) =>
      stage(face, {
        name: face.name,
        servers: 1,
        batch: 1,
        serve: ([{ job, step }]) => costs[job.source][directionAt(job.source, step)].get(face)!,
      }),
    );
    if (isDisk) return [...others.toReversed(), backend, dma];
    const comes = [wire('in'), dma, backend, ...others];
    const goes = [...others.toReversed(), backend, dma, wire('out')];
    return kind === 'in' ? comes : kind === 'out' ? goes : [...comes, ...goes.slice(1)];
  });
  const turn = lines.map((line) => line.domains.length + 2);
  const directionAt = (source: number, step: number): Direction => {
    if (kind !== 'respond') return kind;
    return step < turn[source] ? 'in' : 'out';
  };

  const faces = [...new Set(lines.flatMap(({ domains }) => domains))];
  const accounts = faces.map((face) => domainOf(face).account);
  const tallies = (): Record<LabTally, number>[] =>
    accounts.map((account) => {
      const tally = { ...NO_TALLY };
      for (const { event, count } of account.entries()) {
        for (const name of TALLY_NAMES) if (TALLIES[name].includes(event)) tally[name] += count;
      }
      return tally;
    });
  const byMechanism = (): Map<LabMechanism, number> => {
    const sums = new Map<LabMechanism, number>();
    for (const account of accounts) {
      for (const [name, ns] of Object.entries(account.nsByMechanism()) as [LabMechanism, number][]) {
        sums.set(name, (sums.get(name) ?? 0) + ns);
      }
    }
    return sums;
  };

  const before = { cpu: accounts.map(({ cpuNs }) => cpuNs), tallies: tallies(), mechanisms: byMechanism() };
  const run = simulateQueues({
    stages,
    routes,
    jobs: options.packets,
    arrivals:
      'window' in arrivals
        ? { kind: 'closed', window: arrivals.window }
        : {
            kind: 'open',
            gapNs: () => -Math.log((setting.stream.uint32() + 1) / 2 ** 32) * (1e9 / arrivals.perSecond),
          },
  });
  if (failed > 0) return null;
  const spent = accounts.map(({ cpuNs }, index) => cpuNs - before.cpu[index]);
  const faults = checkQueueLaws(run);
  for (const face of new Set(lines.map(({ domains }) => domains[0]))) {
    const charged = spent[faces.indexOf(face)];
    const { serviceNs } = run.stages[stageOf.get(face)!];
    if (Math.abs(charged - serviceNs) > 1e-6 * charged)
      faults.push(`${face.name} was charged ${charged} ns and was at work for ${serviceNs} ns`);
  }
  if (faults.length > 0) throw new Error(faults.join('; '));

  const each = (total: number): number => total / options.packets;
  const after = { tallies: tallies(), mechanisms: byMechanism() };
  const tallyOf = (counts: (name: LabTally) => number): Record<LabTally, number> => {
    const tally = { ...NO_TALLY };
    for (const name of TALLY_NAMES) tally[name] = each(counts(name));
    return tally;
  };
  const grown = (index: number, name: LabTally): number => after.tallies[index][name] - before.tallies[index][name];
  const warmUp = 'window' in arrivals ? Math.floor(options.packets / 4) : 0;
  return {
    packets: options.packets,
    perSecond: throughput(run, warmUp),
    medianNs: percentile(run.latenciesNs, 0.5),
    p99Ns: percentile(run.latenciesNs, 0.99),
    utilisation: new Map(names.map((name, index) => [name, utilisation(run, index)])),
    busiest: names[busiestStage(run)],
    cpuNs: each(spent.reduce((sum, ns) => sum + ns, 0)),
    cpuNsByDomain: new Map(faces.map((face, index) => [face, each(spent[index])])),
    cpuNsByMechanism: Object.fromEntries(
      [...after.mechanisms].map(([name, ns]) => [name, each(ns - (before.mechanisms.get(name) ?? 0))]),
    ),
    localShare: memory === null ? 1 : memory.localShare,
    tally: tallyOf((name) => faces.reduce((sum, _, index) => sum + grown(index, name), 0)),
    tallyByDomain: new Map(faces.map((face, index) => [face, tallyOf((name) => grown(index, name))])),
  };
};
