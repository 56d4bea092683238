import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type Mfn, NO_FRAME, asMfn } from '../host/frame-number.js';
import type { Iommu } from './iommu.js';
import type { IommuContext } from './iommu-context.js';

/** A frame that a domain has given up and that its devices still reach through an entry of the IOTLB. */
export interface Exposure {
  readonly context: IommuContext;
  readonly page: number;
  readonly mfn: Mfn;
  readonly sinceNs: number;
}

/**
 * What deferred invalidation leaves open: from the moment at which a domain gives a frame up, or loses the right to another's,
 * until its devices cannot reach it any more. An entry that was replaced earlier adds no time.
 */
export class ExposureLog implements Checkpointed {
  readonly #iommu: Iommu;
  readonly #open = new Map<string, Exposure>();
  #frames = 0;
  #accesses = 0;
  #nanoseconds = 0;

  constructor(iommu: Iommu) {
    this.#iommu = iommu;
  }

  /** Frames that were exposed so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Accesses of devices that went to a frame while it was exposed. */
  get accesses(): number {
    return this.#accesses;
  }

  /** Frames times the time that each was exposed, until flushes that are over. */
  get nanoseconds(): number {
    return this.#nanoseconds;
  }

  /** What is exposed now. */
  now(): Exposure[] {
    return [...this.#open.values()].filter((exposure) => this.#isCached(exposure));
  }

  /** The domain of the context has no right to the frame any more. */
  gaveUp(context: IommuContext, mfn: Mfn): void {
    const sinceNs = this.#iommu.host.simulation.clock.nowNs;
    for (const range of this.#iommu.queue.ranges) {
      if (range.context !== context) continue;
      range.mfns.forEach((stale, offset) => {
        const page = range.page + offset;
        const key = keyOf(context, page);
        if (stale !== mfn || this.#open.has(key)) return;
        const exposure = { context, page, mfn, sinceNs };
        if (!this.#isCached(exposure)) return;
        this.#open.set(key, exposure);
        this.#frames += 1;
      });
    }
  }

  accessed(context: IommuContext, page: number): void {
    if (this.#open.size > 0 && this.#open.has(keyOf(context, page))) this.#accesses += 1;
  }

  /** The IOTLB is flushed. */
  end(nowNs: number): void {
    for (const exposure of this.now()) this.#nanoseconds += nowNs - exposure.sinceNs;
    this.#open.clear();
  }

  checkpoint(archive: Archive): void {
    this.#frames = archive.value('frames', this.#frames);
    this.#accesses = archive.value('accesses', this.#accesses);
    this.#nanoseconds = archive.value('nanoseconds', this.#nanoseconds);
    const open = archive.list('open', [...this.#open.values()], (each, exposure) => ({
      context: each.tracked('context', exposure === null ? [] : [exposure.context])[0],
      page: each.value('page', exposure?.page ?? 0),
      mfn: each.value('mfn', exposure?.mfn ?? asMfn(NO_FRAME)),
      sinceNs: each.value('sinceNs', exposure?.sinceNs ?? 0),
    }));
    this.#open.clear();
    for (const exposure of open) this.#open.set(keyOf(exposure.context, exposure.page), exposure);
  }

  #isCached({ context, page, mfn }: Exposure): boolean {
    return this.#iommu.cachedFrame(context, page) === mfn;
  }
}

const keyOf = ({ space }: IommuContext, page: number): string => `${space.tag}/${page}`;
