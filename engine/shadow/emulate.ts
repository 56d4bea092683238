import { Event } from '../host/events.js';
import { NO_FRAME } from '../host/frame-number.js';
import { entryFrame, isPresent, isSet, EntryFlag } from '../host/entry.js';
import { splinterOf } from './build-twins.js';
import { Fetch, propagateLeaf } from './propagate.js';
import { resync, resyncAll } from './resync.js';
import type { ShadowState } from './shadow-state.js';
import { TwinKind } from './twin-kind.js';
import { removeShadows } from './unshadow.js';

/**
 * The hypervisor makes the store of a guest to one of its tables for it, and brings the twins up to date. Two stores of zeros
 * in a row to one table look like the end of a process: the table loses its twins then, so that the rest of them need no
 * fault. So does what turns out to be no table. `contents` are the entries of the page, or none when it holds something else.
 */
export const emulateStore = (state: ShadowState, page: number, frame: number, index: number, entry: number): void => {
  const { guest, uses, observer } = state;
  observer.charge(Event.emulatedWrite);
  const contents = guest.entriesAt(frame);
  const before = contents?.[index] ?? 0;
  if (contents !== undefined) contents[index] = entry;
  if (entry === 0) {
    if (state.lastZeroed === frame && uses.isTable(frame)) removeShadows(state, frame, true);
    state.lastZeroed = frame;
  } else {
    state.lastZeroed = NO_FRAME;
  }
  const mattered = isPresent(before) || isPresent(entry);
  if (mattered) followStore(state, frame, index, entry);
  guest.wrote(frame);
  const stays = uses.isTable(frame);
  state.lastEmulatedPage = stays ? page : NO_FRAME;
  state.lastEmulatedFrame = stays ? frame : NO_FRAME;
};

/** A table has a new entry: its twins follow, or go where it turns out to be none. */
export const followStore = (state: ShadowState, frame: number, index: number, entry: number): void => {
  if (!validateStore(state, frame, index, entry)) removeShadows(state, frame, false);
};

/** Brings every twin of the table up to date with one entry. False when the entry names no memory, as a table's would. */
const validateStore = (state: ShadowState, frame: number, index: number, entry: number): boolean => {
  const { guest, uses, twins } = state;
  let isSound = true;
  for (const kind of [TwinKind.l1, TwinKind.l2, TwinKind.l3, TwinKind.l4]) {
    if ((uses.kinds(frame) & (1 << kind)) === 0) continue;
    const slot = twins.find(frame, kind);
    if (kind === TwinKind.l1) {
      twins.setLeaf(slot, index, propagateLeaf(guest, uses, entry, Fetch.keepUp));
      continue;
    }
    const below = belowEntry(state, kind, entry);
    if (below === 'no memory') isSound = false;
    else if (below >= 0 && kind > TwinKind.l2) resyncAll(state);
    if (twins.link(slot, index, below === 'no memory' ? -1 : below)) state.observer.flushTlb();
  }
  return isSound;
};

/** The twin that an entry of a higher level leads to, or −1 when it is not made yet. */
const belowEntry = (state: ShadowState, kind: number, entry: number): number | 'no memory' => {
  const { guest, uses, twins } = state;
  if (!isPresent(entry)) return -1;
  if (isSet(entry, EntryFlag.large)) {
    return isSet(entry, EntryFlag.accessed) ? twins.find(splinterOf(entry), TwinKind.splinter) : -1;
  }
  const table = guest.machineFrame(entryFrame(entry));
  if (table === NO_FRAME) return 'no memory';
  if (!isSet(entry, EntryFlag.accessed)) return -1;
  const below = twins.find(table, kind - 1);
  if (below >= 0 && uses.isOutOfSync(table)) resync(state, table);
  return below;
};
