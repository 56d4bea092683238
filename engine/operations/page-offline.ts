import type { Finding } from '../finding.js';
import { type Mfn, hex } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import { type EmptyingRequest, emptyFrames } from './empty-frames.js';

/** Asks for one frame to be taken out of use. */
export type OfflineRequest = Omit<EmptyingRequest, 'mfns'> & { readonly mfn: Mfn };

/**
 * Takes a frame of a bad DIMM out of use, its contents saved to another. When its page cannot be moved it stays in use,
 * and is offlined once its owner gives it up; the finding says which rule holds it.
 */
export const offlineFrame = ({ mfn, ...request }: OfflineRequest): Finding | null => {
  const { host } = request;
  const state = host.frames.state(mfn);
  if (state === FrameState.notInstalled || state === FrameState.offlined) {
    const detail = `frame ${hex(mfn)} of ${host.name} is ${host.describeOwner(mfn)}`;
    return { operation: 'offline page', model: 'none', rule: 'in-use-or-free', detail };
  }
  const { blocked } = emptyFrames({ ...request, mfns: [mfn] });
  return blocked.length === 0 ? null : { ...blocked[0].finding, operation: 'offline page' };
};
