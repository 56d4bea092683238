import type { Domain } from '../domain/domain.js';
import { mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { asMfn, hex } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import { takeReserved } from '../host/offline-frames.js';
import { arrive, leaveTarget, prepareTarget } from './arrival.js';
import type { GuestRecord } from './guest-record.js';
import { BATCH_PAGES, spent } from './page-transfer.js';
import { rebuild } from './page-tables-in-transit.js';
import type { SavedGuest } from './saved-guest.js';
import { type Verification, verifyContents } from './verify-contents.js';

export interface Restored {
  readonly guest: Domain;
  readonly restoredNs: number;
  readonly controlCpuNs: number;
  readonly verification: Verification;
}

/** Brings a saved guest back on the host of a control domain. A finding when the host cannot, and then it is still on disk. */
export const restoreDomain = (
  saved: SavedGuest,
  { control, diskBytesPerSecond }: { readonly control: Domain; readonly diskBytesPerSecond: number },
): Restored | Finding => {
  const { record, program, stamps, tables, kept } = saved;
  const { host } = control;
  const { clock, moves, platform } = host.simulation;
  const startNs = clock.nowNs;
  const beforeNs = control.account.cpuNs;
  const keeper = (free: boolean): void => {
    for (const pfn of kept) {
      if (free) {
        if (host.frames.state(asMfn(pfn)) === FrameState.reserved) host.freeReserved(pfn, pfn + 1);
      } else takeReserved(host, asMfn(pfn));
    }
  };
  keeper(true);
  const refusal = refusesRestore(record, control);
  const arriving = refusal ?? prepareTarget(record, control);
  if (isFinding(arriving)) {
    keeper(false);
    return { ...arriving, operation: 'restore' };
  }
  const end = moves.endAt(control);
  const move = { guest: null, ends: [end] };
  moves.begin(move);
  let readNs = startNs;
  for (let first = 0; first < record.pfns.length; first += BATCH_PAGES) {
    const pfns = record.pfns.slice(first, first + BATCH_PAGES);
    readNs += (pfns.length * platform.pageBytes * 1e9) / diskBytesPerSecond;
    control.account.charge(Mechanism.foreignMap, Event.hypercall);
    const mapping = mapForeign(control, arriving, pfns, { writable: true, firstPage: 2 * end.window * BATCH_PAGES });
    if (isFinding(mapping)) {
      moves.end(move);
      leaveTarget(arriving, control);
      keeper(false);
      return { ...mapping, operation: 'restore' };
    }
    pfns.forEach((pfn, index) => {
      const mfn = mapping.write(index, stamps[first + index]);
      const entries = tables.get(pfn);
      control.account.charge(Mechanism.copy, Event.pageCopy);
      if (entries === undefined) host.tables.delete(mfn);
      else host.tables.set(mfn, rebuild(control, arriving, entries));
    });
    mapping.unmap();
  }
  moves.end(move);
  const pinNs = spent(arriving.account, () => arrive(record, arriving, control));
  clock.advanceTo(Math.max(readNs, startNs + control.account.cpuNs - beforeNs) + pinNs);
  record.log.release();
  if (program !== null) {
    program.moveTo(arriving, clock.nowNs);
    clock.start(program);
  }
  return {
    guest: arriving,
    restoredNs: clock.nowNs - startNs,
    controlCpuNs: control.account.cpuNs - beforeNs,
    verification: verifyContents(arriving),
  };
};

/** P==M: what stands in the way of coming back, and what it would take. */
const refusesRestore = ({ model, name, pfns }: GuestRecord, { host }: Domain): Finding | null => {
  if (model !== 'direct') return null;
  const taken = pfns.filter((pfn) => !host.heap.isFree(asMfn(pfn)));
  if (taken.length === 0) return null;
  const detail =
    `${taken.length} of the ${pfns.length} frames of ${name} are taken, ${hex(taken[0])} first, which is ` +
    `${host.describeOwner(asMfn(taken[0]))}; they would have to be kept for it while it is on disk`;
  return { operation: 'restore', model, rule: 'same-frames-free', detail };
};
