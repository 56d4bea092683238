import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { DmaDevice } from '../devices/dma-device.js';
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
  /** Whose addresses the pages are, to be given out again when nothing translates them any more; null where nobody gave them out. */
  readonly givenOutBy: DmaDevice | null;
}

/** The addresses of a range can be given out again: nothing translates them any more. */
export const giveOutAgain = ({ givenOutBy, page, mfns }: Omit<StaleRange, 'context'>): void =>
  givenOutBy?.iova.giveBack(page, mfns.length);

/** What was taken out of tables and waits for one flush of the IOTLB. */
export class InvalidationQueue implements Checkpointed {
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

  checkpoint(archive: Archive): void {
    this.#startedNs = archive.value('startedNs', this.#startedNs);
    this.#ranges = archive.list('ranges', this.#ranges, (each, range) => ({
      context: each.tracked('context', range === null ? [] : [range.context])[0],
      page: each.value('page', range?.page ?? 0),
      mfns: each.numbers('mfns', range?.mfns ?? []),
      givenOutBy:
        each.tracked('givenOutBy', range === null || range.givenOutBy === null ? [] : [range.givenOutBy])[0] ?? null,
    }));
  }
}
