import type { ReferenceDevice, ReferencePool } from './dma-reference.js';

/** A frame on which several guest frames stand until one of them is written. */
export interface Share {
  sharers: number;
}

/** Where a page is that is in no frame of its own: on a shared one, on the paging disk, or nowhere before its first access. */
export type Outside = Share | 'disk' | 'demand';

const add = (counts: Map<number, number>, pfn: number, times: number): void => {
  const count = (counts.get(pfn) ?? 0) + times;
  if (count === 0) counts.delete(pfn);
  else counts.set(pfn, count);
};

/**
 * A slow reference of what the operations mean, in maps and sets. It knows no machine frames, no TLB and no tables, and
 * shares no code with the engine.
 */
export class ReferenceDomain {
  /** Guest frames with a frame of their own. */
  readonly memory: Set<number>;
  readonly outside = new Map<number, Outside>();
  /** Frames that wait for pages that have none yet. */
  waiting: number;
  readonly mapped = new Map<number, { pfn: number; writable: boolean }>();
  readonly ballooned = new Set<number>();
  /** Places without memory of their own, at which a P2M domain maps memory of others. */
  readonly borrowed = new Set<number>();
  /** Own frames to which others hold references, with how many. */
  readonly lent = new Map<number, number>();
  /** Frames that devices were told of, with how often, and those of its bounce pool. */
  readonly pinned = new Map<number, number>();
  device: ReferenceDevice | null = null;
  pool: ReferencePool | null = null;
  dirty: Set<number> | null = null;
  /** Frames that processes took or gave up since: whether their kernel wrote them is its own to know. */
  readonly mayBeDirty = new Set<number>();

  /** A domain with memory at some guest frames, and others that get it at their first access. */
  constructor(pfns: readonly number[], demand: { readonly pfns: readonly number[]; readonly waiting: number } | null) {
    this.memory = new Set(pfns);
    for (const pfn of demand?.pfns ?? []) this.outside.set(pfn, 'demand');
    this.waiting = demand?.waiting ?? 0;
  }

  /** All guest frames that are not ballooned out. */
  get pages(): readonly number[] {
    return [...this.memory, ...this.outside.keys()];
  }

  get shares(): readonly Share[] {
    return [...this.outside.values()].filter((at) => typeof at === 'object');
  }

  count(place: 'disk' | 'demand'): number {
    return [...this.outside.values()].filter((at) => at === place).length;
  }

  write(pfn: number): void {
    this.dirty?.add(pfn);
  }

  lend(pfn: number, times: number): void {
    add(this.lent, pfn, times);
  }

  pin(pfn: number, times: number): void {
    add(this.pinned, pfn, times);
  }

  /** The page gets a frame of its own, if it has none. */
  settle(pfn: number): void {
    const at = this.outside.get(pfn);
    if (at === undefined) return;
    if (typeof at === 'object') at.sharers -= 1;
    if (at === 'demand') this.waiting -= 1;
    this.outside.delete(pfn);
    this.memory.add(pfn);
  }

  /** Whether something holds the page in its frame. */
  isHeld(pfn: number): boolean {
    return this.lent.has(pfn) || this.pinned.has(pfn);
  }

  /** The page leaves its own frame for another place. */
  leave(pfn: number, to: Outside): void {
    this.memory.delete(pfn);
    this.outside.set(pfn, to);
  }

  /** The guest balloons the page out. A frame stays with it while it has fewer waiting than pages that want one. */
  balloonOut(pfn: number): void {
    const at = this.outside.get(pfn);
    if (at === undefined && this.count('demand') > this.waiting) this.waiting += 1;
    if (typeof at === 'object') at.sharers -= 1;
    this.outside.delete(pfn);
    this.memory.delete(pfn);
    this.ballooned.add(pfn);
  }

  balloonIn(pfn: number): void {
    this.ballooned.delete(pfn);
    this.memory.add(pfn);
    this.write(pfn);
  }

  borrow(pfn: number): void {
    this.memory.delete(pfn);
    this.borrowed.add(pfn);
  }

  /** The domain is gone. */
  end(): void {
    for (const share of this.shares) share.sharers -= 1;
  }
}
