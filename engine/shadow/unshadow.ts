import type { ShadowState } from './shadow-state.js';
import { ENTRIES_A_TABLE, TwinKind } from './twin-kind.js';
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

const unhook = ({ twins, root }: ShadowState): void => {
  if (root < 0) return;
  for (let index = 0; index < ENTRIES_A_TABLE; index += 1) twins.link(root, index, -1);
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

/** Takes every entry that maps a frame out of the twins, and its own twins, before the frame leaves the guest. */
export const forgetFrame = (state: ShadowState, frame: number): void => {
  const { uses, twins, observer } = state;
  if (uses.isTable(frame)) removeShadows(state, frame, false);
  removeWriteAccess(state, state.root, frame);
  if (uses.mappings(frame) === 0) return;
  twins.forEach((slot) => {
    if (twins.kind[slot] === TwinKind.l1 || twins.kind[slot] === TwinKind.splinter) twins.clearFrame(slot, frame);
  });
  observer.flushTlb();
};
