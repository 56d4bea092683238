import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Host } from '../host/host.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn } from '../host/frame-number.js';
import { nodeCount } from './topology.js';

/** The nodes that a domain's memory is to come from, and how it is spread over them. */
export interface AffinitySpec {
  readonly nodes: readonly number[];
  /**
   * `allocations`: each allocation from the next node, as Xen does with the nodes of a domain's affinity
   * (`last_alloc_node`). `pages`: page after page from the next. `parts`: the first part of the guest's memory from the first
   * node and so on, which is what a virtual topology is made of.
   */
  readonly spread: 'allocations' | 'pages' | 'parts';
  /** With `parts`: the guest is told which part is which node. */
  readonly shown?: boolean;
}

/** Xen's tools ask for a domain's memory in chunks of 2 MiB (`tools/libs/guest/xg_dom_x86.c`). */
const ALLOCATION_BYTES = 2 * 2 ** 20;

/** Where the next memory of one domain comes from. */
export class NodeAffinity implements Checkpointed {
  readonly spec: AffinitySpec;
  readonly #host: Host;
  /** Allocations made, or pages where each counts. */
  #taken = 0;
  /** Pages that the domain is built with. */
  #pages = 0;

  constructor(host: Host, spec: AffinitySpec) {
    this.#host = host;
    this.spec = spec;
  }

  /** The domain is about to get so many pages, from its first on. */
  begin(pages: number): void {
    this.#pages = pages;
  }

  /** The largest chunk that one allocation may have now. */
  largestOrder(): number {
    const { nodes, spread } = this.spec;
    if (nodes.length === 1) return Infinity;
    if (spread === 'pages') return 0;
    if (spread === 'allocations') return Math.log2(ALLOCATION_BYTES / this.#host.simulation.platform.pageBytes);
    const part = this.#pagesOfPart();
    return this.#taken < this.#pages ? Math.floor(Math.log2(part - (this.#taken % part))) : Infinity;
  }

  /** Takes a chunk on the domain's next node, or as near to it as there is one. */
  allocate(order: number): Mfn {
    const { heap } = this.#host;
    if (heap.allocateOn === undefined || order > this.largestOrder()) return asMfn(NO_FRAME);
    const { nodes, spread } = this.spec;
    const at = spread === 'parts' && this.#taken < this.#pages ? this.partOf(this.#taken) : this.#taken % nodes.length;
    const first = heap.allocateOn(order, [...nodes.slice(at), ...nodes.slice(0, at)]);
    if (first !== NO_FRAME) this.#taken += spread === 'parts' ? 2 ** order : 1;
    return first;
  }

  /** The part that a guest frame lies in; the last one for frames above what the domain was built with. */
  partOf(pfn: Pfn | number): number {
    return Math.min(Math.floor(pfn / this.#pagesOfPart()), this.spec.nodes.length - 1);
  }

  checkpoint(archive: Archive): void {
    this.#taken = archive.value('taken', this.#taken);
    this.#pages = archive.value('pages', this.#pages);
  }

  #pagesOfPart(): number {
    return Math.max(1, Math.ceil(this.#pages / this.spec.nodes.length));
  }
}

/** The affinity of a new domain: what is asked for, else all nodes; null where the host has none. */
export const affinityOf = (host: Host, spec: AffinitySpec | undefined): NodeAffinity | null => {
  const { numa } = host.simulation.platform;
  if (numa === undefined || host.boot !== null) return null;
  const nodes = Array.from({ length: nodeCount(numa.topology) }, (_, node) => node);
  return new NodeAffinity(host, spec ?? { nodes, spread: 'allocations' });
};
