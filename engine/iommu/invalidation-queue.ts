import type { Mfn } from '../host/frame-number.js';
import type { IommuContext } from './iommu-context.js';

/** Deferred invalidations wait until there are this many, or for this long (Linux commit 5e0d2a6fc0, drivers/pci/intel-iommu.c). */
export const DEFERRED_ENTRIES = 250;
export const DEFERRED_NS = 10e6;

/** Pages that were taken out of a table together, and that an IOTLB may still translate. */
export interface StaleRange {
  readonly context: IommuContext;
  readonly page: number;
  /** The frames that the pages gave, page by page. */
  readonly mfns: readonly Mfn[];
  /** Called when nothing translates the pages any more, so that they can be given out again. */
  readonly flushed: (() => void) | null;
}

/** What was taken out of tables and waits for one flush of the IOTLB. */
export class InvalidationQueue {
  #ranges: StaleRange[] = [];
  #startedNs = 0;

  get ranges(): readonly StaleRange[] {
    return this.#ranges;
  }

  get isFull(): boolean {
    return this.#ranges.length === DEFERRED_ENTRIES;
  }

  /** When the first entry has waited long enough; `Infinity` when there is none. */
  get dueNs(): number {
    return this.#ranges.length === 0 ? Infinity : this.#startedNs + DEFERRED_NS;
  }

  add(range: StaleRange, nowNs: number): void {
    if (this.#ranges.length === 0) this.#startedNs = nowNs;
    this.#ranges.push(range);
  }

  covers(context: IommuContext, page: number): boolean {
    return this.#ranges.some(
      (range) => range.context === context && page >= range.page && page < range.page + range.mfns.length,
    );
  }

  /** Empties the queue: the IOTLB has been flushed. */
  takeAll(): StaleRange[] {
    const ranges = this.#ranges;
    this.#ranges = [];
    return ranges;
  }
}
