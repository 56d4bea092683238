import { NO_FRAME } from '../host/frame-number.js';
import type { ShadowState } from './shadow-state.js';
import { TwinKind } from './twin-kind.js';
import { removeWriteAccess } from './write-access.js';

/** Highest first: taking the twin of a root away may take others with it. */
const KINDS = [TwinKind.l4, TwinKind.l3, TwinKind.l2, TwinKind.l1] as const;

/**
 * Takes the twins of a guest frame away. `fast` takes one known reference of each and may leave some; else every twin above is
 * searched. The twin of a root that is loaded stays.
 */
export const removeShadows = (state: ShadowState, frame: number, fast: boolean): void => {
  const { uses, twins, observer } = state;
  for (const kind of KINDS) {
    if ((uses.kinds(frame) & (1 << kind)) === 0) continue;
    const slot = twins.find(frame, kind);
    if (kind === TwinKind.l4) twins.unpin(slot);
    else if (!twins.removeKnownReference(slot) && !fast && twins.find(frame, kind) === slot)
      twins.removeReferences(slot);
  }
  observer.flushTlb();
};

const unhook = ({ twins, roots }: ShadowState): void => {
  for (const root of roots) {
    if (root < 0) continue;
    for (let index = 0; index < twins.entriesATable; index += 1) twins.link(root, index, -1);
  }
};

/**
 * Makes sure that the pool has so many frames free. It unpins roots, least recently loaded first, then takes everything out
 * of the loaded one. False when even that is too little.
 */
export const makeRoom = (state: ShadowState, frames: number): boolean => {
  const { pool, twins, observer } = state;
  if (pool.freeFrames >= frames) return true;
  for (const slot of twins.pinned) {
    twins.unpin(slot);
    if (pool.freeFrames >= frames) return true;
  }
  unhook(state);
  observer.flushTlb();
  return pool.freeFrames >= frames;
};

/** Drops all twins but that of the loaded root, which is left empty. */
export const dropTwins = (state: ShadowState): void => {
  for (const slot of state.twins.pinned) state.twins.unpin(slot);
  unhook(state);
  state.observer.flushTlb();
};

/** The frame of a loaded root leaves the guest: another one will be behind its guest frame. */
const leaveRoots = ({ twins, roots, rootFrames, observer }: ShadowState, frame: number): void => {
  rootFrames.forEach((rootFrame, half) => {
    if (rootFrame !== frame) return;
    const slot = roots[half];
    roots[half] = -1;
    rootFrames[half] = NO_FRAME;
    twins.drop(slot);
    observer.flushTlb();
  });
};

/** Takes every entry that maps a frame out of the twins, and its own twins, before the frame leaves the guest. */
export const forgetFrame = (state: ShadowState, frame: number): void => {
  const { uses, twins, observer } = state;
  leaveRoots(state, frame);
  if (state.lastEmulatedFrame === frame) state.lastEmulatedPage = state.lastEmulatedFrame = NO_FRAME;
  if (state.lastZeroed === frame) state.lastZeroed = NO_FRAME;
  if (uses.isTable(frame)) removeShadows(state, frame, false);
  removeWriteAccess(state, frame);
  if (uses.mappings(frame) === 0) return;
  twins.forEach((slot) => {
    if (twins.kind[slot] === TwinKind.l1 || twins.kind[slot] === TwinKind.splinter) twins.clearFrame(slot, frame);
  });
  observer.flushTlb();
};
