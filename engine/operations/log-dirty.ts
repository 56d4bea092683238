import { Event, Mechanism } from '../host/events.js';
import { DirtyLog } from '../domain/dirty-log.js';
import type { Finding } from '../finding.js';
import type { Domain } from '../domain/domain.js';
import type { Pfn } from '../host/frame-number.js';

const BITS_A_CHUNK = 1024;

/** Why first writes of the guest cannot be seen, or null. */
export const refusesLogDirty = ({ name, mmu, model }: Domain): Finding | null => {
  if (mmu.seesFirstWrites) return null;
  const detail = `the MMU walks the tables of ${name} itself, and the hypervisor was built without shadowing to see its writes`;
  return { operation: 'log dirty', model: model.id, rule: 'sees-first-writes', detail };
};

/**
 * Log-dirty, as Xen/ia64 did it for every model: translations are inserted without the right to write until the page's
 * bit is set, and the whole VHPT and TLB are flushed when logging begins, at each harvest, and when it ends. `tool` is
 * the control domain that asks for it; `stall` passes the time of a flush on to what runs in the guest.
 */
export const beginLogDirty = (tool: Domain, guest: Domain, stall: (ns: number) => void): Finding | null => {
  tool.account.charge(Mechanism.dirtyLog, Event.hypercall);
  const refusal = refusesLogDirty(guest);
  if (refusal !== null) return refusal;
  const frames = [...guest.model.ownedFrames(), ...guest.balloonedFrames];
  guest.dirtyLog?.release();
  guest.dirtyLog = new DirtyLog(guest.host.simulation.arena, frames.reduce((last, pfn) => Math.max(last, pfn), -1) + 1);
  flush(guest, stall);
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
  flush(guest, stall);
  return dirty;
};

export const endLogDirty = (tool: Domain, guest: Domain, stall: (ns: number) => void): void => {
  tool.account.charge(Mechanism.dirtyLog, Event.hypercall);
  guest.dirtyLog?.release();
  guest.dirtyLog = null;
  flush(guest, stall);
};

const chargeBitmap = (tool: Domain, guest: Domain): void => {
  tool.account.charge(Mechanism.dirtyLog, Event.hypercall);
  tool.account.charge(Mechanism.dirtyLog, Event.bitmapChunk, Math.ceil(guest.dirtyLog!.frames / BITS_A_CHUNK));
};

const flush = (guest: Domain, stall: (ns: number) => void): void => {
  const before = guest.account.cpuNs;
  guest.mmu.flush(Mechanism.logging);
  stall(guest.account.cpuNs - before);
};
