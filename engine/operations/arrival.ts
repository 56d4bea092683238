import { Event, Mechanism } from '../host/events.js';
import { Domain } from '../domain/domain.js';
import { adoptTables } from '../domain/start-kernel.js';
import type { Finding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';
import { refusesTables } from './build.js';
import { destroyDomain } from './destroy.js';
import type { GuestRecord } from './guest-record.js';

/**
 * Builds the empty domain that a guest arrives in: the same guest frames, on the host of `control`. Those that are
 * `populated` get memory.
 */
export const prepareTarget = (
  record: GuestRecord,
  control: Domain,
  populated: readonly Pfn[] = record.pfns,
): Domain | Finding => {
  const { host } = control;
  const { name, model, options, paging, vcpus, log, pfns } = record;
  const arriving = new Domain(host, {
    name,
    model,
    options,
    ...(paging === null ? {} : { paging }),
    vcpus,
    builder: control.account,
    log,
  });
  const refusal = refusesTables(arriving, pfns.length) ?? arriving.model.populateFrames(populated);
  if (refusal === null) return arriving;
  host.hypervisor.release(arriving.id, control.account);
  arriving.leaveHost();
  return refusal;
};

/** Gives a half-arrived domain up. */
export const leaveTarget = (arriving: Domain, control: Domain): void => {
  destroyDomain(arriving, control.account);
};

/**
 * Makes the arrived guest ready to run: its page table is adopted where its pages arrived, a P2M guest's table pages are
 * declared again and its p2m array is written anew, what it ballooned out meanwhile is released, and the guest resumes.
 * The control domain pays.
 */
export const arrive = (record: GuestRecord, arriving: Domain, control: Domain): void => {
  const { model } = arriving;
  adoptTables(arriving, record);
  if (model.tablesHoldMachineFrames) {
    control.account.charge(Mechanism.canonicalise, Event.guestP2mStore, model.ownedFrames().length);
  }
  let kept = 0;
  for (const pfn of model.ownedFrames()) {
    if (record.pfns[kept] === pfn) kept += 1;
    else model.releaseFrame(pfn);
  }
  arriving.free.set(record.freeFrames);
  arriving.balloon.adopt(record.ballooned);
  control.account.charge(Mechanism.suspend, Event.resume);
};
