import type { Mfn } from './frame-number.js';
import { FrameState } from './frame-table.js';
import type { Host } from './host.js';

/** Takes a free frame out of the heap, to be used for nothing; false when it is not free. */
export const takeOffline = (host: Host, mfn: Mfn): boolean => {
  if (!host.heap.allocateAt(mfn, 0)) return false;
  host.frames.setState(mfn, FrameState.offlined);
  return true;
};

/** Gives an offlined frame back to the heap, or lets one that was to leave stay where it is. */
export const bringOnline = (host: Host, mfn: Mfn): void => {
  host.frames.setLeaving(mfn, false);
  if (host.frames.state(mfn) !== FrameState.offlined) return;
  host.frames.setState(mfn, FrameState.free);
  host.heap.free(mfn, 0);
};

/** Takes a free frame out of the heap and reserves it; false when it is not free. */
export const takeReserved = (host: Host, mfn: Mfn): boolean => {
  if (!host.heap.allocateAt(mfn, 0)) return false;
  host.frames.setState(mfn, FrameState.reserved);
  return true;
};
