import {
  type Domain,
  type Finding,
  type Host,
  MemoryOwner,
  type Platform,
  type Simulation,
  asMfn,
  isFinding,
  percentile,
  simulateQueues,
} from '../engine/index.js';
import { platformWithNodes } from './lab-nodes.js';
import type { LabNodes } from './nodes.js';
import type { LabDemand, LabDemandRun, LabPolicy, LabPolicyRules } from './policy.js';
import type { LabDomain, LabHost } from './workload.js';

const MIB = 2 ** 20;
const CHUNK = 2 * MIB;

/** The platform with a host of so much memory, in nodes where they are asked for; null where it has none. */
export const platformUnder = (platform: Platform, { memory, control, nodes }: LabPolicyRules): Platform | null =>
  nodes === undefined
    ? { ...platform, banks: [{ start: 0, size: memory * MIB }], controlDomainBytes: control * MIB }
    : platformWithNodes(platform, nodes, { node: Math.floor(memory / nodes), control });

/** Pages of the control domain: its own, or all but the reserve in whole granules of its kernel. */
export const controlPages = (host: Host, { owner, control, reserve }: LabPolicyRules): number => {
  const { pageBytes, kernelGranuleBytes } = host.simulation.platform;
  if (owner === 'hypervisor') return Math.floor((control * MIB) / pageBytes);
  const bytes = host.heap.freeFrames * pageBytes - reserve * MIB;
  return Math.max(0, Math.floor(bytes / kernelGranuleBytes)) * (kernelGranuleBytes / pageBytes);
};

/** Makes the control domain the owner, where the rules say so. */
export const makeOwner = (control: Domain, rules: LabPolicyRules): void => {
  if (rules.owner === 'hypervisor') return;
  const { host, free } = control;
  const { pageBytes } = host.simulation.platform;
  const inUse = control.model.ownedFrames().length - free.count;
  const keeps = Math.max(0, Math.floor((rules.control * MIB) / pageBytes) - inUse);
  host.memoryOwner = new MemoryOwner(control, { keeps, reserve: host.heap.freeFrames });
};

interface LabInside {
  readonly simulation: Simulation;
  readonly findings: Finding[];
  readonly nodes: LabNodes | null;
  readonly host: (name: string) => LabHost | null;
  readonly domainOf: (face: LabDomain) => Domain;
}

export const createLabPolicy = ({ simulation, findings, nodes, host: makeHost, domainOf }: LabInside): LabPolicy => {
  const { pageBytes } = simulation.platform;
  const silent = new Set<Host>();
  const mebibytes = (pages: number): number => (pages * pageBytes) / MIB;
  const hostOf = ({ control }: LabHost): Host => domainOf(control).host;

  const refused = (finding: Finding): void => {
    if (!findings.some(({ operation, rule }) => operation === finding.operation && rule === finding.rule))
      findings.push(finding);
  };

  const giveBack = (guest: Domain, pages: number): void => {
    for (let page = 0; page < pages; page += 1) {
      const gone = guest.balloon.out();
      if (isFinding(gone)) return refused(gone);
    }
  };

  /** A guest asks for so many of the pages that it has given back; how many it gets. */
  const askFor = (guest: Domain, pages: number): number => {
    const { host } = guest;
    const owner = host.memoryOwner;
    if (owner !== null && silent.has(host)) {
      const detail = `${owner.domain.name} owns the memory of ${host.name} and does not answer ${guest.name}`;
      refused({ operation: 'balloon in', model: guest.model.id, rule: 'owner-answers', detail });
      return 0;
    }
    owner?.ask(guest);
    let came = 0;
    for (const pfn of guest.balloon.frames.slice(0, pages)) {
      const refusal = guest.balloon.in(pfn);
      if (refusal === null) came += 1;
      else refused(refusal);
    }
    return came;
  };

  const turnOver = (guest: Domain, pages: number): number => {
    giveBack(guest, pages);
    if (!silent.has(guest.host)) guest.host.memoryOwner?.takeBack();
    return askFor(guest, pages);
  };

  const demand = (control: Domain, { guests, pages, requests, perSecond, busy }: LabDemand): LabDemandRun | null => {
    const domains = guests.map(domainOf);
    const accounts = [control, ...domains].map(({ account }) => account);
    const stream = simulation.stream('requests for memory');
    const crossing = (): number => accounts.reduce((sum, account) => sum + (account.nsByMechanism().rings ?? 0), 0);
    const perGuest = requests / guests.length;
    let failed = false;
    let guestNs = 0;
    let controlNs = 0;
    const crossedBefore = crossing();
    /** What the control domain has to do for the request of each guest that is under way, oldest first. */
    const waiting = guests.map((): number[] => []);
    const stages = [
      {
        name: control.name,
        servers: 1,
        batch: 1,
        serve: ([{ job }]: readonly { readonly job: { readonly source: number } }[]) =>
          job.source < guests.length ? waiting[job.source].shift()! : (busy * guests.length * 1e9) / perSecond,
      },
      ...domains.map((guest, source) => ({
        name: guest.name,
        servers: 1,
        batch: 1,
        serve: () => {
          giveBack(guest, pages);
          guest.host.memoryOwner?.takeBack();
          const before = [guest.account.cpuNs, control.account.cpuNs];
          if (askFor(guest, pages) < pages) failed = true;
          const own = guest.account.cpuNs - before[0];
          const owners = control.account.cpuNs - before[1];
          waiting[source].push(owners);
          guestNs += own;
          controlNs += owners;
          return own;
        },
      })),
    ];
    const isAsked = control.host.memoryOwner !== null;
    const routes = [...guests.map((_, source) => (isAsked ? [source + 1, 0] : [source + 1])), [0]];
    const jobs = Math.ceil(perGuest) * routes.length;
    const gap = (1e9 / perSecond) * (guests.length / routes.length);
    const run = simulateQueues({
      stages,
      routes,
      jobs,
      arrivals: { kind: 'open', gapNs: () => -Math.log((stream.uint32() + 1) / 2 ** 32) * gap },
    });
    if (failed) return null;
    const latencies = run.latenciesNs.filter((_, job) => job % routes.length < guests.length);
    const made = latencies.length;
    return {
      medianNs: percentile(latencies, 0.5),
      p99Ns: percentile(latencies, 0.99),
      guestNs: guestNs / made,
      controlNs: controlNs / made,
      crossingNs: (crossing() - crossedBefore) / made,
    };
  };

  return {
    nodes,
    host: makeHost,
    spare(face) {
      const host = hostOf(face);
      if (host.memoryOwner === null) return mebibytes(host.heap.freeFrames);
      return silent.has(host) ? 0 : mebibytes(host.memoryOwner.spareFrames);
    },
    takeBack: (face) => mebibytes(hostOf(face).memoryOwner?.takeBack() ?? 0),
    inChunks(face) {
      const { model } = domainOf(face);
      const size = CHUNK / pageBytes;
      const counts = new Map<number, number>();
      const mfns = model.ownedFrames().map((pfn) => model.machineFrame(pfn));
      for (const mfn of mfns) counts.set(Math.floor(mfn / size), (counts.get(Math.floor(mfn / size)) ?? 0) + 1);
      const whole = [...counts.values()].filter((count) => count === size).length;
      return (whole * size) / mfns.length;
    },
    demand: (host, given) => demand(domainOf(host.control), given),
    silence: (host) => void silent.add(hostOf(host)),
    turnOver: (guest, pages) => turnOver(domainOf(guest), pages),
    misbehave(face, victim) {
      const host = hostOf(face);
      const owner = host.memoryOwner;
      const { model } = domainOf(victim);
      if (owner === null) return { named: 0, handedOn: 0, wanted: 0, takenBack: 0 };
      const mfns = model.ownedFrames().map((pfn) => model.machineFrame(pfn));
      const handedOn = mfns.filter((mfn) => owner.allocateAt(asMfn(mfn), 0, owner.domain)).length;
      const wanted = owner.domain.balloon.frames;
      const takenBack = wanted.filter((pfn) => owner.domain.balloon.in(pfn) === null).length;
      return { named: mfns.length, handedOn, wanted: wanted.length, takenBack };
    },
  };
};
