import type { FrameMapOwner, RunFrameMap } from '../contracts/frame-map.js';
import {
  ContentionModel,
  type Domain,
  type Finding,
  type Host,
  type Platform,
  type ProgramThread,
  type Simulation,
  type ThreadWork,
  asPfn,
  distancesByHops,
  farPages,
  isFinding,
  ladderLinks,
  nodeOf,
  nodesByDistance,
  placeProgram,
  preferNear,
  placeVcpus,
  rebalanceByGuest,
  rebalanceByHypervisor,
  runThreads,
  sharesByNode,
} from '../engine/index.js';
import type { LabJob, LabJobRun, LabNodes, LabPackets, LabThread } from './nodes.js';
import { takeFrameMap } from './lab-frame-maps.js';
import type { LabDomain, LabHost } from './workload.js';

const MIB = 2 ** 20;
/** Pages of a guest that a driver domain's packets go through, and as many of its own: a ring of 256 entries. */
const BUFFERS = 256;

const NEAR: FrameMapOwner = { use: 'near', name: 'near the thread that uses it' };
const FAR: FrameMapOwner = { use: 'far', name: 'far from the thread that uses it' };

/** The platform's parts in a host of another number of nodes; null where it has none. Memory in MiB. */
export const platformWithNodes = (
  platform: Platform,
  nodes: number,
  memory: { readonly node: number; readonly control: number },
): Platform | null => {
  const { numa } = platform;
  if (numa === undefined) return null;
  const links = ladderLinks(nodes);
  const size = memory.node * MIB;
  return {
    ...platform,
    banks: Array.from({ length: nodes }, (_, node) => ({ start: node * size, size, node })),
    controlDomainBytes: memory.control * MIB,
    numa: { ...numa, topology: { links, distances: distancesByHops(links, nodes, numa.distancesByHops) } },
  };
};

interface Job {
  readonly domain: Domain;
  threads: { readonly place: ProgramThread; readonly passes: number; readonly writeShare: number }[];
}

/** What the lab does by itself. */
export interface LabInside {
  readonly simulation: Simulation;
  readonly findings: Finding[];
  readonly frameMaps: RunFrameMap[];
  readonly hostOf: (face: LabHost) => Host;
  readonly domainOf: (face: LabDomain) => Domain;
  readonly controlOf: (domain: Domain) => Domain;
  readonly host: LabNodes['host'];
  readonly build: LabNodes['build'];
  /** The nodes that processors run on. */
  readonly runsOn: Map<LabDomain, number>;
}

export const createLabNodes = (inside: LabInside): LabNodes => {
  const { simulation, findings, domainOf, controlOf, host, build, runsOn } = inside;
  const { pageBytes } = simulation.platform;
  const { topology, timing } = simulation.platform.numa!;
  const contention = new ContentionModel(topology, timing);
  const jobs = new Map<LabJob, Job>();
  /** First page of the next job of a domain. */
  const nextPage = new Map<Domain, number>();

  const workOf = ({ domain, threads }: Job): ThreadWork[] =>
    threads.map(({ place, passes, writeShare }) => {
      const shares = sharesByNode(domain, place);
      return {
        node: place.node,
        reads: shares.map((share) => share * (1 - writeShare)),
        writes: shares.map((share) => share * writeShare),
        accesses: (place.pages * pageBytes * passes) / timing.lineBytes,
      };
    });

  const placed = (domain: Domain, threads: readonly LabThread[]): Job['threads'] => {
    let first = nextPage.get(domain) ?? 0;
    return threads.map(({ node, memory, passes, writeShare }) => {
      const pages = Math.floor((memory * MIB) / pageBytes);
      const place = { node, first, pages };
      first += pages;
      nextPage.set(domain, first);
      return { place, passes, writeShare };
    });
  };

  /** Shares of so many of a domain's pages, the lowest, by the nodes that they lie on. */
  const lowestShares = (domain: Domain): number[] => {
    const pages = domain.model.ownedFrames().slice(0, BUFFERS);
    const shares = topology.distances.map(() => 0);
    for (const pfn of pages) shares[nodeOf(domain.host, domain.model.machineFrame(pfn))] += 1 / pages.length;
    return shares;
  };

  return {
    host,
    build,

    runOn(face, node) {
      runsOn.set(face, node);
      preferNear(domainOf(face), node);
    },

    farthestFrom: (node) => nodesByDistance(topology, node).at(-1)!,

    firstNodes(guests, processors) {
      const counts = new Uint32Array(topology.distances.length * processors).fill(1);
      return Array.from({ length: guests }, () => Math.floor(placeVcpus(counts, 1) / processors));
    },

    start(face, threads, policy) {
      const domain = domainOf(face);
      const job = { domain, threads: placed(domain, threads) };
      placeProgram(
        domain,
        job.threads.map(({ place }) => place),
        policy,
      );
      const handle: LabJob = { domain: face };
      jobs.set(handle, job);
      return handle;
    },

    moveThreads(handle, nodes) {
      const job = jobs.get(handle)!;
      job.threads = job.threads.map((thread, index) => ({ ...thread, place: { ...thread.place, node: nodes[index] } }));
    },

    run(handles): LabJobRun {
      const threads = handles.flatMap((handle) => workOf(jobs.get(handle)!));
      const { doneNs, allDoneNs } = runThreads(contention, threads);
      const accesses = threads.reduce((sum, thread) => sum + thread.accesses, 0);
      const local = threads.reduce(
        (sum, { node, reads, writes, accesses: own }) => sum + own * (reads[node] + writes[node]),
        0,
      );
      return {
        seconds: allDoneNs / 1e9,
        accessNs: doneNs.reduce((sum, ns) => sum + ns, 0) / accesses,
        localShare: local / accesses,
        bytesPerSecond: (accesses * timing.lineBytes) / (allDoneNs / 1e9),
      };
    },

    rebalance(handle, by) {
      const { domain, threads } = jobs.get(handle)!;
      const places = threads.map(({ place }) => place);
      const result =
        by === 'guest'
          ? rebalanceByGuest(domain, places)
          : rebalanceByHypervisor(domain, places, controlOf(domain).account);
      if (isFinding(result)) {
        findings.push(result);
        return null;
      }
      const rules = new Map(result.blocked.map(({ finding }) => [finding.rule, finding]));
      findings.push(...rules.values());
      const mebibytes = (pages: number): number => (pages * pageBytes) / MIB;
      return {
        moved: mebibytes(result.moved),
        left: mebibytes(result.blocked.length),
        seconds: result.pausedNs / 1e9,
      };
    },

    frameMap(face, moment) {
      const own = inside.hostOf(face);
      const near = new Map<number, FrameMapOwner>();
      for (const { domain, threads } of jobs.values()) {
        if (domain.host !== own) continue;
        for (const { place } of threads) {
          const far = new Set(farPages(domain, place));
          for (let vpn = place.first; vpn < place.first + place.pages; vpn += 1) {
            const pfn = asPfn(domain.log.mapped(vpn));
            near.set(domain.model.machineFrame(pfn), far.has(pfn) ? FAR : NEAR);
          }
        }
      }
      const withThreads = new Set([...jobs.values()].map(({ domain }) => domain));
      takeFrameMap(inside.frameMaps, own, moment, (domain) => {
        const whole = { use: 'domain', name: domain.name } as const;
        return withThreads.has(domain) ? (mfn) => near.get(mfn) ?? whole : whole;
      });
    },

    packetNs({ driver, guest, node, packetBytes }: LabPackets) {
      const lines = Math.ceil(packetBytes / timing.lineBytes);
      const theirs = lowestShares(domainOf(guest));
      const own = lowestShares(domainOf(driver));
      // A line of the ring is read and written; each line of the packet is read from one side and written at the other.
      const accesses = 2 + 2 * lines;
      const [ns] = contention.solve([
        {
          node,
          reads: theirs.map((share) => (share * (1 + lines)) / accesses),
          writes: theirs.map((share, index) => (share + own[index] * lines) / accesses),
        },
      ]).nsAnAccess;
      return ns * accesses;
    },
  };
};
