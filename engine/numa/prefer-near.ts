import type { Domain } from '../domain/domain.js';
import { nodesByDistance } from './topology.js';
import { visibleNodes } from './visible-nodes.js';

/**
 * A domain's processor runs on a node from here on: its kernel gives out free frames by their distance from it, those of its own node
 * first, as far as it knows of nodes. Whoever knows of none gives them out as before.
 */
export const preferNear = (domain: Domain, node: number): void => {
  const { numa } = domain.host.simulation.platform;
  if (numa === undefined) return;
  const seen = visibleNodes(domain);
  const rank = new Map(nodesByDistance(numa.topology, node).map((each, index) => [each, index]));
  const rankOf = new Map(domain.free.copy().map((pfn) => [pfn, rank.get(seen.nodeOf(pfn)) ?? rank.size]));
  domain.free.set([...rankOf.keys()].toSorted((a, b) => rankOf.get(a)! - rankOf.get(b)!));
};
