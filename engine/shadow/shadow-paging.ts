import { Event } from '../host/events.js';
import { NO_FRAME } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';
import { indexAt } from '../paging/format.js';
import { buildTwins, twinOf } from './build-twins.js';
import { WalkResult } from './guest-walk.js';
import { prefetch } from './prefetch.js';
import { Fetch, propagateLeaf } from './propagate.js';
import { resync, resyncAll, unsync } from './resync.js';
import type { ShadowState } from './shadow-state.js';
import { EMPTY, KNOWN_ABSENT, TwinKind } from './twin-kind.js';
import { emulateStore } from './emulate.js';
import { makeRoom, removeShadows } from './unshadow.js';
import { lowestTwin, removeWriteAccess } from './write-access.js';

/** What a page-fault exit comes to. After `emulate` the hypervisor makes the store; after `filled` the guest tries again. */
export const Outcome = { filled: 0, notMapped: 1, readOnly: 2, noMemory: 3, emulate: 4 } as const;
export type OutcomeId = (typeof Outcome)[keyof typeof Outcome];

/** Who makes the access: the guest's kernel may write to tables, its programs have none. */
export type Ring = 'kernel' | 'user';

/** The entry that hardware finds for a page in the twins of the loaded root; `EMPTY` where it finds none. Charges nothing. */
export const twinEntry = (state: ShadowState, page: number): number => {
  const slot = state.root < 0 ? -1 : lowestTwin(state, state.root, page);
  return slot < 0 ? EMPTY : state.twins.entries(slot)[indexAt(state.format, page, 0)];
};

/** The machine frame that hardware reaches without an exit, or `NO_FRAME`. */
export const reach = (state: ShadowState, page: number, write: boolean): number => {
  const entry = twinEntry(state, page);
  return isPresent(entry) && (!write || isWritable(entry)) ? entryFrame(entry) : NO_FRAME;
};

/** The guest loads a root, the same or another: what is out of sync is synced, and the root's twin is found or made. */
export const loadRoot = (state: ShadowState, rootGuestFrame: number): void => {
  state.observer.charge(Event.addressSpaceExit);
  resyncAll(state);
  state.lastEmulatedPage = NO_FRAME;
  state.rootGuestFrames[state.half] = rootGuestFrame;
  enterRoot(state);
};

/** Finds or makes the twin of the loaded root where it has none: the frame that it was in has left the guest. */
export const keepRoot = (state: ShadowState): void => {
  if (state.root < 0 && state.rootGuestFrames[state.half] !== NO_FRAME) enterRoot(state);
};

const enterRoot = (state: ShadowState): void => {
  const { guest, twins, observer, half } = state;
  const rootGuestFrame = state.rootGuestFrames[half];
  const frame = guest.machineFrame(rootGuestFrame);
  removeWriteAccess(state, frame);
  if (twins.find(frame, TwinKind.l4) < 0) mustHaveRoom(state, 1);
  const slot = twinOf(state, frame, TwinKind.l4);
  twins.pin(slot);
  twins.hold(slot);
  const before = state.root;
  state.roots[half] = slot;
  state.rootFrames[half] = frame;
  if (before >= 0) twins.drop(before);
  observer.flushTlb();
};

/** The guest flushes one page: an entry of a table that is out of sync has to be looked at again. */
export const invalidatePage = (state: ShadowState, page: number): void => {
  const { twins, uses, observer } = state;
  observer.charge(Event.pageFlushExit);
  state.lastEmulatedPage = NO_FRAME;
  if (state.root < 0) return;
  const slot = lowestTwin(state, state.root, page);
  if (slot < 0 || twins.kind[slot] !== TwinKind.l1 || !uses.isOutOfSync(twins.back[slot])) return;
  twins.setLeaf(slot, indexAt(state.format, page, 0), EMPTY);
};

/** Serves one page-fault exit. */
export const pageFault = (state: ShadowState, page: number, write: boolean, ring: Ring): OutcomeId => {
  const { observer } = state;
  observer.charge(Event.pageFaultExit);
  keepRoot(state);
  if (write && ring === 'kernel' && state.lastEmulatedPage === page) {
    if (isPresent(twinEntry(state, page)) && !state.uses.isOutOfSync(state.lastEmulatedFrame)) {
      return Outcome.emulate;
    }
    state.lastEmulatedPage = NO_FRAME;
  }
  if (isKnownAbsent(state, page)) return passOn(state, Outcome.notMapped);
  return slowFault(state, page, write, ring);
};

/** The fault is the guest's own. */
const passOn = (state: ShadowState, outcome: OutcomeId): OutcomeId => {
  state.lastZeroed = NO_FRAME;
  state.observer.charge(Event.faultPassedOn);
  return outcome;
};

/** Whether the twin says that the guest maps nothing here, and cannot have changed since. */
const isKnownAbsent = (state: ShadowState, page: number): boolean => {
  const { twins, uses } = state;
  const slot = lowestTwin(state, state.root, page);
  if (slot < 0 || twins.entries(slot)[indexAt(state.format, page, 0)] !== KNOWN_ABSENT) return false;
  return twins.kind[slot] === TwinKind.splinter || !uses.isOutOfSync(twins.back[slot]);
};

const slowFault = (state: ShadowState, page: number, write: boolean, ring: Ring): OutcomeId => {
  const { guest, uses, twins, walk, outOfSync, observer } = state;
  for (;;) {
    observer.charge(Event.shadowWalk);
    const result = walk.walk(state.rootFrame, page, write);
    if (result !== WalkResult.mapped) {
      return passOn(state, result === WalkResult.notMapped ? Outcome.notMapped : Outcome.readOnly);
    }
    mustHaveRoom(state, state.format.levels - 1);
    if (!protectTables(state)) break;
  }
  const brought = guest.machineFrame(walk.guestFrame) !== NO_FRAME || guest.bringBack(walk.guestFrame);
  const frame = brought ? guest.machineFrame(walk.guestFrame) : NO_FRAME;
  if (frame === NO_FRAME) return passOn(state, Outcome.noMemory);
  const slot = buildTwins(state, page);
  if (write && uses.isTable(frame)) unsync(state, frame);
  const index = indexAt(state.format, page, 0);
  const entry = propagateLeaf(guest, uses, walk.leaf, write ? Fetch.write : Fetch.read);
  if (isPresent(entry) && isWritable(entry) && uses.isOutOfSync(frame)) outOfSync.addWriter(frame, slot, index);
  twins.setLeaf(slot, index, entry);
  const snapshot = walk.isLarge ? undefined : outOfSync.snapshot(walk.tables[0]);
  if (snapshot !== undefined) snapshot[index] = walk.leaf;
  prefetch(state, slot, index);
  if (write && uses.isTable(frame) && !(uses.isOutOfSync(frame) && ring === 'kernel')) {
    if (ring === 'kernel') {
      state.lastEmulatedFrame = frame;
      return Outcome.emulate;
    }
    removeShadows(state, frame, false);
  }
  state.lastZeroed = NO_FRAME;
  return Outcome.filled;
};

/** Nobody may write to the tables of the walk behind the twins' back. Whether the walk has to be made again. */
const protectTables = (state: ShadowState): boolean => {
  const { uses, walk, observer } = state;
  let isSynced = false;
  for (let level = state.format.levels - 2; level >= 0; level -= 1) {
    const table = walk.tables[level];
    if (table === NO_FRAME) break;
    if (uses.isOutOfSync(table)) {
      if (level === 0) continue;
      resync(state, table);
      isSynced = true;
    } else if (removeWriteAccess(state, table)) {
      observer.flushTlb();
    }
  }
  return isSynced;
};

const mustHaveRoom = (state: ShadowState, frames: number): void => {
  if (!makeRoom(state, frames)) throw new Error(`a shadow pool of ${state.pool.size} frames is too small`);
};

/**
 * The guest's kernel stores one entry of a table through its own mapping of the table's page, with the exits that it takes.
 */
export const storeEntry = (state: ShadowState, page: number, index: number, entry: number): void => {
  for (;;) {
    const frame = reach(state, page, true);
    if (frame !== NO_FRAME) {
      state.guest.entriesAt(frame)![index] = entry;
      return;
    }
    const outcome = pageFault(state, page, true, 'kernel');
    if (outcome === Outcome.emulate) return emulateStore(state, page, state.lastEmulatedFrame, index, entry);
    if (outcome !== Outcome.filled) throw new Error(`the kernel cannot store to its page ${page.toString(16)}`);
  }
};

/**
 * The guest's kernel writes a whole page, word by word, through its own mapping. What is still taken for a table makes the
 * first words fault, until the hypervisor sees that it is none. `word` is what is written: zero, or something that is no entry.
 */
export const writePage = (state: ShadowState, page: number, word: number): void => {
  for (let index = 0; reach(state, page, true) === NO_FRAME;) {
    const outcome = pageFault(state, page, true, 'kernel');
    if (outcome === Outcome.emulate) {
      emulateStore(state, page, state.lastEmulatedFrame, index, word);
      index += 1;
    } else if (outcome !== Outcome.filled) {
      throw new Error(`the kernel cannot write its page ${page.toString(16)}`);
    }
  }
};

/** The guest reads or writes a page: how it ends, with the exits that it takes. */
export const accessPage = (state: ShadowState, page: number, write: boolean, ring: Ring): OutcomeId => {
  for (;;) {
    if (reach(state, page, write) !== NO_FRAME) return Outcome.filled;
    const outcome = pageFault(state, page, write, ring);
    if (outcome !== Outcome.filled) return outcome;
  }
};
