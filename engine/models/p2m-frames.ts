import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import type { HypervisorP2mRule } from '../platform.js';

/**
 * Frames of the hypervisor's that hold the p2m which it keeps for a domain: pages of entries, and above them the pages of a tree, each made
 * when a guest frame that it covers first gets memory. They stay until the domain goes.
 */
export class P2mFrames implements Checkpointed {
  readonly #domain: Domain;
  readonly #rule: HypervisorP2mRule;
  readonly #entriesAPage: number;
  /** Pages that are made, by level, the lowest first. */
  readonly #made: readonly Set<number>[];

  constructor(domain: Domain, rule: HypervisorP2mRule) {
    this.#domain = domain;
    this.#rule = rule;
    this.#entriesAPage = domain.host.simulation.platform.pageBytes / rule.entryBytes;
    this.#made = Array.from({ length: rule.levels }, () => new Set<number>());
  }

  /** Makes the pages that a guest frame's entry needs; false when the heap has too few frames for them. */
  cover(pfn: Pfn): boolean {
    if (this.#made[0].has(Math.floor(pfn / this.#entriesAPage))) return true;
    const { host, id, builder } = this.#domain;
    for (let level = this.#rule.levels - 1; level >= 0; level -= 1) {
      const page = Math.floor(pfn / this.#entriesAPage ** (level + 1));
      if (this.#made[level].has(page)) continue;
      if (!host.hypervisor.takeChunk('p2m', 0, id)) return false;
      builder.charge(Mechanism.populate, Event.pageAllocate);
      this.#made[level].add(page);
    }
    return true;
  }

  checkpoint(archive: Archive): void {
    for (const [level, pages] of this.#made.entries()) archive.set(`level ${level}`, pages);
  }
}
