import { Event, Mechanism } from '../host/events.js';
import { Domain } from '../domain/domain.js';
import { adoptTables } from '../domain/start-kernel.js';
import type { Finding } from '../finding.js';
import { NO_FRAME, type Pfn } from '../host/frame-number.js';
import { refusesTables } from './build.js';
import { destroyDomain } from './destroy.js';

/** Builds the empty domain that a guest arrives in: the same guest frames, on the host of `control`. */
export const prepareTarget = (guest: Domain, control: Domain, pfns: readonly Pfn[]): Domain | Finding => {
  const { host } = control;
  const arriving = new Domain(host, {
    name: guest.name,
    model: guest.model.id,
    options: guest.options,
    ...(guest.paging === null ? {} : { paging: guest.paging }),
    builder: control.account,
    log: guest.log,
  });
  const refusal = refusesTables(arriving, pfns.length) ?? arriving.model.populateFrames(pfns);
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
export const arrive = (guest: Domain, arriving: Domain, control: Domain): void => {
  const { model } = arriving;
  adoptTables(arriving, guest);
  if (model.tablesHoldMachineFrames) {
    control.account.charge(Mechanism.canonicalise, Event.guestP2mStore, model.ownedFrames().length);
  }
  for (const pfn of model.ownedFrames()) {
    if (guest.model.machineFrame(pfn) === NO_FRAME) model.releaseFrame(pfn);
  }
  arriving.adoptFrames(guest);
  control.account.charge(Mechanism.suspend, Event.resume);
};
