import type { Domain } from '../domain/domain.js';
import type { GuestTableRecord } from '../domain/start-kernel.js';
import type { GuestLog } from '../domain/guest-log.js';
import type { Pfn } from '../host/frame-number.js';
import type { ModelId, ModelOptions } from '../models/model.js';
import type { Paging } from '../platform.js';

/** What goes with a guest beside the contents of its pages. */
export interface GuestRecord extends GuestTableRecord {
  readonly name: string;
  readonly model: ModelId;
  readonly options: ModelOptions;
  readonly paging: Paging | null;
  readonly vcpus: number;
  readonly log: GuestLog;
  /** Guest frames that have memory, ascending. */
  readonly pfns: readonly Pfn[];
  readonly freeFrames: readonly Pfn[];
  /** Guest frames whose memory is ballooned out. */
  readonly ballooned: readonly Pfn[];
}

/** The record of a guest as it is now. */
export const recordOf = (guest: Domain): GuestRecord => ({
  name: guest.name,
  model: guest.model.id,
  options: guest.options,
  paging: guest.paging,
  vcpus: guest.vcpus,
  log: guest.log,
  pfns: guest.model.ownedFrames(),
  tablePfns: [...guest.pageTable.tablePfns],
  kernelTablePfns: guest.kernelMapping === null ? null : [...guest.kernelMapping.tablePfns],
  p2mPfns: guest.p2mPfns,
  pinned: [...(guest.pv?.pinned ?? [])].map(([mfn, level]) => [guest.model.frameFromEntry(mfn), level]),
  freeFrames: guest.free.copy(),
  ballooned: [...guest.balloon.frames, ...guest.model.emptyPlaces()],
});
