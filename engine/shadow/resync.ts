import { Event } from '../host/events.js';
import { Fetch, propagateLeaf } from './propagate.js';
import type { ShadowState } from './shadow-state.js';
import { TwinKind } from './twin-kind.js';

/** Brings one table back into sync: nobody may write to it, and its twin takes over what changed since the snapshot. */
export const resync = (state: ShadowState, frame: number): void => {
  const { guest, uses, twins, outOfSync, observer } = state;
  outOfSync.protectWriters(frame);
  observer.flushTlb();
  const slot = twins.find(frame, TwinKind.l1);
  const snapshot = outOfSync.snapshot(frame)!;
  const entries = guest.entriesAt(frame);
  for (let index = 0; index < snapshot.length; index += 1) {
    const entry = entries?.[index] ?? 0;
    if (entry !== snapshot[index]) twins.setLeaf(slot, index, propagateLeaf(guest, uses, entry, Fetch.keepUp));
  }
  outOfSync.remove(frame);
  observer.charge(Event.tableResync);
};

export const resyncAll = (state: ShadowState): void => {
  for (const frame of state.outOfSync.tables) resync(state, frame);
};

/** Lets a table that the guest writes to go out of sync. Whether it is the kind of table that may. */
export const unsync = (state: ShadowState, frame: number): boolean => {
  const { guest, outOfSync, observer, twins } = state;
  const entries = guest.entriesAt(frame) ?? new Uint32Array(twins.entriesATable);
  const added = outOfSync.add(frame, entries, (leaver) => resync(state, leaver));
  if (added) observer.charge(Event.tableUnsync);
  return added;
};
