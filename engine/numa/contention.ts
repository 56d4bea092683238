import { type CustomerClass, solveClosedNetwork } from './closed-network.js';
import { type AccessKind, type MemoryTiming, TRANSFERS, delayOfLine, lineService } from './memory-timing.js';
import { type NumaTopology, nodeCount, routeBetween } from './topology.js';

/** What one thread does: which shares of its accesses read and write lines of each node. They sum to 1. */
export interface ThreadDemand {
  readonly node: number;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** Nanoseconds from an access to the next in which it does other things; none where not given. */
  readonly thinkNs?: number;
}

export interface Contention {
  /** Nanoseconds that an access of each thread takes on average, when all run at once, without what it does between. */
  readonly nsAnAccess: readonly number[];
  /** Share of what each node's memory sustains that is used. */
  readonly memoryUse: readonly number[];
  /** Share of each link that is used, the way from its first node and the way back. */
  readonly linkUse: readonly (readonly [forth: number, back: number])[];
}

const KINDS = ['read', 'write'] as const satisfies readonly AccessKind[];

/**
 * Threads that share memory and links: a closed network in which each node's memory is a queue, each link a queue each way,
 * and each thread a class with as many customers as it has lines under way. Lines of a thread come over the links from the
 * memory to it; what it writes goes back, too.
 */
export class ContentionModel {
  readonly #topology: NumaTopology;
  readonly #timing: MemoryTiming;
  readonly #delays = new Map<string, number>();

  constructor(topology: NumaTopology, timing: MemoryTiming) {
    this.#topology = topology;
    this.#timing = timing;
  }

  solve(threads: readonly ThreadDemand[]): Contention {
    const classes = new Map<string, { readonly each: CustomerClass; readonly threads: number[] }>();
    threads.forEach((thread, index) => {
      const key = JSON.stringify([thread.node, thread.reads, thread.writes, thread.thinkNs ?? 0]);
      const known = classes.get(key);
      if (known === undefined) classes.set(key, { each: this.#classOf(thread), threads: [index] });
      else known.threads.push(index);
    });
    const merged = [...classes.values()];
    const flows = solveClosedNetwork(
      merged.map(({ each, threads: { length } }) => ({ ...each, customers: each.customers * length })),
    );
    const nsAnAccess = threads.map(() => 0);
    const used = new Float64Array(this.#stations);
    merged.forEach(({ each, threads: of }, index) => {
      const { rounds } = flows[index];
      for (const thread of of) nsAnAccess[thread] = of.length / rounds - (threads[thread].thinkNs ?? 0);
      each.serviceNs.forEach((service, station) => void (used[station] += service * rounds));
    });
    const nodes = nodeCount(this.#topology);
    return {
      nsAnAccess,
      memoryUse: Array.from(used.subarray(0, nodes)),
      linkUse: this.#topology.links.map((_, link) => [used[nodes + 2 * link], used[nodes + 2 * link + 1]]),
    };
  }

  get #stations(): number {
    return nodeCount(this.#topology) + 2 * this.#topology.links.length;
  }

  #classOf({ node, reads, writes, thinkNs = 0 }: ThreadDemand): CustomerClass {
    const { memoryNs, linkNs } = lineService(this.#timing);
    const serviceNs = Array.from({ length: this.#stations }, () => 0);
    // A thread that thinks for so long between accesses thinks for each of its lines under way.
    let delayNs = thinkNs * this.#timing.linesInFlight;
    for (const kind of KINDS) {
      const shares = kind === 'read' ? reads : writes;
      const { memory, towards } = TRANSFERS[kind];
      shares.forEach((share, from) => {
        if (share === 0) return;
        const route = routeBetween(this.#topology, from, node);
        serviceNs[from] += share * memory * memoryNs;
        for (let step = 1; step < route.length; step += 1) {
          serviceNs[this.#way(route[step - 1], route[step])] += share * linkNs;
          serviceNs[this.#way(route[step], route[step - 1])] += share * towards * linkNs;
        }
        delayNs += share * this.#delay(kind, route.length - 1);
      });
    }
    return { customers: this.#timing.linesInFlight, delayNs, serviceNs };
  }

  #delay(kind: AccessKind, hops: number): number {
    const key = `${kind} ${hops}`;
    const known = this.#delays.get(key);
    if (known !== undefined) return known;
    const delay = delayOfLine(this.#timing, kind, hops);
    this.#delays.set(key, delay);
    return delay;
  }

  /** The station of a link, the way from one node to the next. */
  #way(from: number, to: number): number {
    const { links } = this.#topology;
    const forth = links.findIndex(([one, other]) => one === from && other === to);
    if (forth >= 0) return nodeCount(this.#topology) + 2 * forth;
    return nodeCount(this.#topology) + 2 * links.findIndex(([one, other]) => one === to && other === from) + 1;
  }
}
