import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import { asPfn } from '../host/frame-number.js';
import { entryFrame, isPresent, withFrame } from '../host/entry.js';

/**
 * Canonicalises a page-table page of a guest whose tables hold machine frames: MFN → PFN through the m2p. The tool pays
 * for each present entry. Other guests' tables pass as they are.
 */
export const canonicalise = (tool: Domain, guest: Domain, entries: Uint32Array): Uint32Array => {
  if (!guest.model.tablesHoldMachineFrames) return entries.slice();
  return translateEntries(tool, entries, (frame) => guest.model.frameFromEntry(frame));
};

/** Rebuilds a page-table page on arrival: PFN → the new MFN, by the p2m of the guest's new home. */
export const rebuild = (tool: Domain, guest: Domain, entries: Uint32Array): Uint32Array => {
  if (!guest.model.tablesHoldMachineFrames) return entries.slice();
  return translateEntries(tool, entries, (frame) => guest.model.machineFrame(asPfn(frame)));
};

const translateEntries = (tool: Domain, entries: Uint32Array, translate: (frame: number) => number): Uint32Array => {
  let present = 0;
  const translated = entries.map((entry) => {
    if (!isPresent(entry)) return entry;
    present += 1;
    return withFrame(entry, translate(entryFrame(entry)));
  });
  tool.account.charge(Mechanism.canonicalise, Event.tableEntryTranslate, present);
  return translated;
};
