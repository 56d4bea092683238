import type { Domain } from '../domain/domain.js';
import { refusesAsImmobile } from './immobile.js';
import type { GuestProgram } from '../domain/program.js';
import { mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, asMfn } from '../host/frame-number.js';
import { takeReserved } from '../host/offline-frames.js';
import { destroyDomain } from './destroy.js';
import { recordOf } from './guest-record.js';
import { BATCH_PAGES } from './page-transfer.js';
import { canonicalise } from './page-tables-in-transit.js';
import type { SavedGuest } from './saved-guest.js';
import { refusesAsTied } from './tied-to-host.js';

export interface SaveRequest {
  readonly guest: Domain;
  readonly program?: GuestProgram;
  readonly control: Domain;
  readonly diskBytesPerSecond: number;
  /** P==M: keep the guest's frames for it, which frees no memory. No other model needs that. */
  readonly keepsFrames?: boolean;
}

/**
 * Saves a guest to disk: it is suspended, its pages are mapped batch by batch, its page tables canonicalised, each page copied
 * into the file while the disk writes behind, and then the guest is destroyed.
 */
export const saveDomain = (request: SaveRequest): SavedGuest | Finding => {
  const { guest, program = null, control, diskBytesPerSecond, keepsFrames = false } = request;
  const { host, model } = guest;
  const { clock, moves, platform } = host.simulation;
  const refusal = refusesSave(guest);
  if (refusal !== null) return refusal;
  const startNs = clock.nowNs;
  const beforeNs = control.account.cpuNs;
  control.account.charge(Mechanism.suspend, Event.suspend);
  clock.advanceTo(startNs + control.account.cpuNs - beforeNs);
  if (program !== null) clock.stop(program);

  const record = recordOf(guest);
  const stamps = new Uint32Array(record.pfns.length);
  const tables = new Map<Pfn, Uint32Array>();
  let writtenNs = clock.nowNs;
  const read = (pfns: readonly Pfn[], first: number, firstPage: number): Finding | null => {
    control.account.charge(Mechanism.foreignMap, Event.hypercall);
    const mapping = mapForeign(control, guest, pfns, { writable: false, firstPage });
    if (isFinding(mapping)) return mapping;
    pfns.forEach((pfn, index) => {
      const mfn = mapping.read(index);
      const table = host.tables.get(mfn);
      stamps[first + index] = host.frames.contents(mfn);
      if (table !== undefined) tables.set(pfn, canonicalise(control, guest, table));
      control.account.charge(Mechanism.copy, Event.pageCopy);
    });
    mapping.unmap();
    return null;
  };
  const end = moves.endAt(control);
  const move = { guest: null, ends: [end] };
  moves.begin(move);
  for (let first = 0; first < record.pfns.length; first += BATCH_PAGES) {
    const pfns = record.pfns.slice(first, first + BATCH_PAGES);
    const failed = read(pfns, first, 2 * end.window * BATCH_PAGES);
    if (failed !== null) {
      moves.end(move);
      if (program !== null) clock.start(program);
      return { ...failed, operation: 'save' };
    }
    const readyNs = startNs + control.account.cpuNs - beforeNs;
    writtenNs = Math.max(writtenNs, readyNs) + (pfns.length * platform.pageBytes * 1e9) / diskBytesPerSecond;
  }
  moves.end(move);
  clock.advanceTo(writtenNs);
  record.log.shared();
  destroyDomain(guest, control.account);
  const keeps = keepsFrames && model.id === 'direct' && host.boot === null;
  const kept = keeps ? record.pfns.filter((pfn) => takeReserved(host, asMfn(pfn))) : [];
  const controlCpuNs = control.account.cpuNs - beforeNs;
  return { record, program, stamps, tables, kept, savedNs: clock.nowNs - startNs, controlCpuNs };
};

const refusesSave = (guest: Domain): Finding | null => {
  const { model, name, host } = guest;
  const refusal = (rule: string, detail: string): Finding => ({ operation: 'save', model: model.id, rule, detail });
  const immobile = refusesAsImmobile(guest, 'save');
  if (immobile !== null) return immobile;
  if (host.simulation.moves.isMoving(guest))
    return refusal('one-move-at-a-time', `${name} is on its way to another host`);
  const tied = refusesAsTied(guest, 'save');
  if (tied !== null) return tied;
  const outside = model.overcommit?.outside ?? 0;
  if (outside === 0) return null;
  const detail = `${outside} pages of ${name} are shared, on disk or not populated`;
  return refusal('memory-in-frames-of-its-own', detail);
};
