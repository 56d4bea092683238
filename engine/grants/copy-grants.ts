import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { FrameType } from '../host/frame-table.js';
import { type Mfn, type Pfn, hex } from '../host/frame-number.js';
import { tellCopy } from '../numa/memory-watch.js';
import { grantTableOf } from './grant-table.js';
import { type GrantedPage, refuse, resolveGrant } from './resolve.js';

/** One end of a copy: a page that was granted to the caller, or one of the caller's own. */
export type CopyEnd = GrantedPage | { readonly own: Pfn };

export interface CopyRequest {
  readonly source: CopyEnd;
  readonly destination: CopyEnd;
  /** Bytes of the page, by default all. A part costs that part of a copy. */
  readonly bytes?: number;
}

/**
 * GNTTABOP_copy: one hypercall for the batch, each page with a result of its own. The hypervisor copies by its own mapping: nothing is
 * mapped or purged, and a grant that was passed on is followed. The destination's log-dirty bit is set; what its guest makes of
 * the new contents is for the guest to say (`filledByDevice`).
 */
export const copyGrants = (caller: Domain, requests: readonly CopyRequest[]): (Finding | null)[] => {
  caller.account.charge(Mechanism.grants, Event.grantOperation);
  const table = grantTableOf(caller);
  if (table === null || !table.rules.copy) {
    return requests.map(() => refuse(caller, 'copy grant', 'grant-copy', 'the hypervisor cannot copy granted pages'));
  }
  return requests.map(({ source, destination, bytes }) => {
    const from = resolveEnd(caller, source, false);
    if (isFinding(from)) return from;
    const to = resolveEnd(caller, destination, true);
    if (isFinding(to)) return to;
    const { frames, domains, simulation } = caller.host;
    frames.setContents(to, frames.contents(from));
    domains.get(frames.owner(to))!.dirtyLog?.mark(frames.guestFrame(to));
    const { pageBytes } = simulation.platform;
    caller.account.charge(Mechanism.copy, Event.pageCopy, (bytes ?? pageBytes) / pageBytes);
    tellCopy(caller, bytes ?? pageBytes, from, to);
    return null;
  });
};

const resolveEnd = (caller: Domain, end: CopyEnd, writable: boolean): Mfn | Finding => {
  if (!('own' in end)) return resolveGrant(caller, { ...end, writable, passedOn: true, operation: 'copy grant' });
  const { frames } = caller.host;
  const { overcommit } = caller.model;
  const absent = (writable ? overcommit?.makeOwn(end.own) : overcommit?.settle(end.own)) ?? null;
  if (absent !== null) return { ...absent, operation: 'copy grant' };
  const mfn = caller.model.machineFrame(end.own);
  if (!writable && overcommit?.isShared(end.own) === true) return mfn;
  if (frames.owner(mfn) !== caller.id) {
    return refuse(caller, 'copy grant', 'own-memory', `guest frame ${hex(end.own)} of ${caller.name} has no memory`);
  }
  if (writable && frames.typeCount(mfn) > 0 && frames.type(mfn) !== FrameType.writable) {
    return refuse(caller, 'copy grant', 'one-type', `frame ${hex(mfn)} of ${caller.name} is a page table`);
  }
  return mfn;
};
