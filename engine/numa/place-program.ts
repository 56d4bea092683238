import type { Domain } from '../domain/domain.js';
import { type Pfn, asPfn } from '../host/frame-number.js';
import { nodeOf } from './node-of.js';
import { nodeCount, nodesByDistance } from './topology.js';
import { visibleNodes } from './visible-nodes.js';

/** A thread of a program, and its part of the program's pages: `pages` of them from page `first` on. */
export interface ProgramThread {
  readonly node: number;
  readonly first: number;
  readonly pages: number;
}

/** How a kernel places pages: each where the thread that touches it first runs, or in turn over all nodes that it knows. */
export type PagePolicy = 'first touch' | 'interleaved';

/**
 * Gives the pages of a program memory, as the domain's kernel does by what it knows of nodes: where that is nothing, frames come
 * as they do. A node that has none left is stood in for by the nearest.
 *
 * @throws Error when the domain has too few free frames
 */
export const placeProgram = (domain: Domain, threads: readonly ProgramThread[], policy: PagePolicy): void => {
  const pools = freeByNode(domain);
  const nodes = [...pools.keys()].toSorted((a, b) => a - b);
  const chosen = new Map<number, Pfn>();
  for (const { node, first, pages } of threads) {
    for (let vpn = first; vpn < first + pages; vpn += 1) {
      const wanted = policy === 'interleaved' ? nodes[vpn % nodes.length] : node;
      const pfn = nearestOf(domain, pools, wanted)?.pop();
      if (pfn === undefined) throw new Error(`${domain.name} has no free frame for page ${vpn} of its program`);
      chosen.set(vpn, pfn);
    }
  }
  for (const pool of pools.values()) for (const pfn of pool) domain.free.giveBack(pfn);
  for (const [vpn, pfn] of chosen) domain.mapPage(vpn, pfn, true);
};

/** Shares of a thread's pages by the node that they lie on. */
export const sharesByNode = ({ host, log, model }: Domain, { first, pages }: ProgramThread): readonly number[] => {
  const { numa } = host.simulation.platform;
  const counts = Array.from({ length: numa === undefined ? 1 : nodeCount(numa.topology) }, () => 0);
  for (let vpn = first; vpn < first + pages; vpn += 1) counts[nodeOf(host, model.machineFrame(log.mapped(vpn)))] += 1;
  return counts.map((count) => count / pages);
};

/** The free frames of a domain by the node that its kernel takes them to be on; it has them out until it gives them back. */
const freeByNode = (domain: Domain): Map<number, Pfn[]> => {
  const seen = visibleNodes(domain);
  const pools = new Map<number, Pfn[]>();
  for (const pfn of domain.free.takeAll(() => true)) {
    const node = seen.nodeOf(pfn);
    const pool = pools.get(node);
    if (pool === undefined) pools.set(node, [pfn]);
    else pool.push(pfn);
  }
  return pools;
};

const nearestOf = ({ host }: Domain, pools: ReadonlyMap<number, Pfn[]>, wanted: number): Pfn[] | undefined => {
  const pool = pools.get(wanted);
  if (pool !== undefined && pool.length > 0) return pool;
  const { numa } = host.simulation.platform;
  const order = numa === undefined ? [0] : nodesByDistance(numa.topology, wanted);
  return order.map((node) => pools.get(node)).find((each) => each !== undefined && each.length > 0);
};

/** Guest frames of a thread's pages that lie on another node than it runs on. */
export const farPages = ({ host, log, model }: Domain, { node, first, pages }: ProgramThread): readonly Pfn[] =>
  Array.from({ length: pages }, (_, index) => asPfn(log.mapped(first + index))).filter(
    (pfn) => nodeOf(host, model.machineFrame(pfn)) !== node,
  );
