import type { Domain } from '../domain/domain.js';
import { type Pfn, asMfn } from '../host/frame-number.js';
import { nodeOf } from './node-of.js';

/** What a domain's own kernel knows of the nodes that its memory lies on. */
export interface VisibleNodes {
  readonly how: 'natively' | 'virtual' | 'not at all';
  /** The node that the kernel takes a guest frame to be on; 0 where it knows of one only. */
  nodeOf(pfn: Pfn): number;
}

/**
 * P==M: the host's own tables hold for it, since its frame numbers are the machine's. All others know of nodes only by a
 * virtual topology, which says where their memory came from when they were built; a real P2M domain0 sees one node.
 */
export const visibleNodes = ({ host, model, affinity }: Domain): VisibleNodes => {
  if (host.simulation.platform.numa === undefined) return { how: 'not at all', nodeOf: () => 0 };
  if (model.id === 'direct') return { how: 'natively', nodeOf: (pfn) => nodeOf(host, asMfn(pfn)) };
  if (affinity?.spec.shown !== true) return { how: 'not at all', nodeOf: () => 0 };
  return { how: 'virtual', nodeOf: (pfn) => affinity.spec.nodes[affinity.partOf(pfn)] };
};
