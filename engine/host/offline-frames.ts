import { type Mfn, asMfn } from './frame-number.js';
import { FrameState } from './frame-table.js';
import type { Host } from './host.js';

/** Takes a free frame out of the heap, to be used for nothing; false when it is not free. */
export const takeOffline = (host: Host, mfn: Mfn): boolean => {
  if (!host.heap.allocateAt(mfn, 0)) return false;
  host.frames.setState(mfn, FrameState.offlined);
  return true;
};

/** Takes all free frames of a range offline, in the chunks that the heap has them in. */
export const takeRangeOffline = (host: Host, first: number, end: number): void => {
  const { heap, frames } = host;
  for (let at = first; at < end;) {
    let order = at === 0 ? 30 : 31 - Math.clz32(at & -at);
    while (order > 0 && (at + 2 ** order > end || !heap.isFree(asMfn(at), order))) order -= 1;
    if (heap.allocateAt(asMfn(at), order)) frames.setStates(at, at + 2 ** order, FrameState.offlined);
    at += 2 ** order;
  }
};

/** Gives runs of offlined frames of a range back to the heap, without those that are to stay. */
export const bringRangeOnline = (host: Host, first: number, end: number, stays: (mfn: Mfn) => boolean): void => {
  const { frames } = host;
  for (let at = first; at < end; at += 1) {
    if (stays(asMfn(at))) continue;
    const from = at;
    while (at < end && frames.state(asMfn(at)) === FrameState.offlined && !stays(asMfn(at))) at += 1;
    if (at > from) host.freeReserved(from, at);
    if (at < end && !stays(asMfn(at)) && frames.isLeaving(asMfn(at))) frames.setLeaving(asMfn(at), false);
  }
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
