import type { Domain } from '../domain/domain.js';
import { Event, Mechanism } from '../host/events.js';
import type { Mfn, Pfn } from '../host/frame-number.js';

/**
 * The guest put these contents into one of its frames: the frame holds them, the guest's own log knows of it, and the
 * dirty log too. The first store to a page under log-dirty faults; a write that the hypervisor makes for the guest does not.
 * Of a copy, `logged` is what the guest's log says that its source holds, so that a wrong copy is found out.
 */
export const guestWrote = (
  domain: Domain,
  pfn: Pfn,
  stamp: number,
  by: 'store' | 'hypervisor',
  logged: number = stamp,
): void => {
  const { dirtyLog } = domain;
  domain.host.frames.setContents(domain.model.machineFrame(pfn), stamp);
  domain.log.wrote(pfn, logged);
  if (dirtyLog === null || dirtyLog.has(pfn)) return;
  if (by === 'store') domain.account.charge(Mechanism.logging, Event.loggingFault);
  dirtyLog.mark(pfn);
};

/** An entry of this page-table page changed. */
export const tableWritten = (domain: Domain, table: Mfn, by: 'store' | 'hypervisor'): void =>
  guestWrote(domain, domain.host.frames.guestFrame(table), domain.host.simulation.nextStamp(), by);
