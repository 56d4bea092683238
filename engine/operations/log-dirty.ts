import { Event, Mechanism } from '../host/events.js';
import { DirtyLog } from '../domain/dirty-log.js';
import type { Finding } from '../finding.js';
import type { Domain } from '../domain/domain.js';
import type { Pfn } from '../host/frame-number.js';
import type { DirtyLogging } from '../models/model.js';
import { refusesAsImmobile } from './immobile.js';

const BITS_A_CHUNK = 1024;

/** Why first writes of the guest cannot be seen, or null. */
export const refusesLogDirty = (guest: Domain): Finding | null => {
  const { name, mmu, model } = guest;
  const immobile = refusesAsImmobile(guest, 'log dirty');
  if (immobile !== null) return immobile;
  if (mmu.seesFirstWrites) return null;
  const detail = `the MMU walks the tables of ${name} itself, and the hypervisor was built without shadowing to see its writes`;
  return { operation: 'log dirty', model: model.id, rule: 'sees-first-writes', detail };
};

/**
 * Log-dirty: the first write to a page sets its bit. A model with a second stage takes the right to write from its entries when
 * logging begins and at each harvest. Where translations are inserted they come without it until the page's bit is set, and all are
 * dropped when logging begins, at each harvest, and when it ends, as Xen/ia64 did it for every model. `tool` is
 * the control domain that asks for it; `stall` passes the time of a flush on to what runs in the guest.
 */
export const beginLogDirty = (tool: Domain, guest: Domain, stall: (ns: number) => void): Finding | null => {
  tool.account.charge(Mechanism.dirtyLog, Event.hypercall);
  const refusal = refusesLogDirty(guest) ?? guest.model.prepareLogging?.() ?? null;
  if (refusal !== null) return refusal;
  let last = -1;
  for (const pfn of [...guest.model.ownedFrames(), ...guest.balloon.frames]) last = Math.max(last, pfn);
  guest.model.overcommit?.places.forEach((pfn) => (last = Math.max(last, pfn)));
  guest.dirtyLog?.release();
  guest.dirtyLog = new DirtyLog(guest.host.simulation.arena, last + 1);
  protect(guest, 'begin', stall);
  return null;
};

/** Reads the log and leaves it as it is. */
export const peekDirty = (tool: Domain, guest: Domain): DirtyLog => {
  chargeBitmap(tool, guest);
  return guest.dirtyLog!;
};

/** Reads the log and clears it: the guest frames written since the last harvest. */
export const harvestDirty = (tool: Domain, guest: Domain, stall: (ns: number) => void): Pfn[] => {
  chargeBitmap(tool, guest);
  const dirty = guest.dirtyLog!.dirty();
  guest.dirtyLog!.clear();
  protect(guest, 'harvest', stall);
  return dirty;
};

export const endLogDirty = (tool: Domain, guest: Domain, stall: (ns: number) => void): void => {
  tool.account.charge(Mechanism.dirtyLog, Event.hypercall);
  guest.dirtyLog?.release();
  guest.dirtyLog = null;
  protect(guest, 'end', stall);
};

const chargeBitmap = (tool: Domain, guest: Domain): void => {
  tool.account.charge(Mechanism.dirtyLog, Event.hypercall);
  tool.account.charge(Mechanism.dirtyLog, Event.bitmapChunk, Math.ceil(guest.dirtyLog!.frames / BITS_A_CHUNK));
};

const protect = (guest: Domain, step: keyof DirtyLogging, stall: (ns: number) => void): void => {
  const before = guest.account.cpuNs;
  const { dirtyLogging } = guest.model;
  if (dirtyLogging === undefined) guest.mmu.flush(Mechanism.logging);
  else dirtyLogging[step]();
  stall(guest.account.cpuNs - before);
};
