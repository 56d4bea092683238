import type { Archive } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME } from '../host/frame-number.js';
import { GuestFrameUses } from './guest-frame-uses.js';
import type { GuestMemory } from './guest-memory.js';
import { GuestWalk } from './guest-walk.js';
import { OutOfSync } from './out-of-sync.js';
import type { ShadowPool } from './shadow-pool.js';
import { TwinCache } from './twin-cache.js';

/** Who has to hear of what the shadow code does. */
export interface ShadowObserver {
  /** An event of `Event.…` happened. */
  charge(event: number): void;
  /** Rights were taken away that the TLB may hold. */
  flushTlb(): void;
}

/** All that the shadow code keeps for a domain with one virtual processor. */
export interface ShadowState {
  readonly guest: GuestMemory;
  readonly pool: ShadowPool;
  readonly uses: GuestFrameUses;
  readonly twins: TwinCache;
  readonly outOfSync: OutOfSync;
  readonly walk: GuestWalk;
  readonly observer: ShadowObserver;
  /** The loaded root: its machine frame, and the slot of its twin; −1 before the first load. */
  rootFrame: number;
  root: number;
  /** The table that the last emulated store of a zero went to, while no other fault came between. */
  lastZeroed: number;
  /** The page through which a store was emulated last, and the table that it went to. */
  lastEmulatedPage: number;
  lastEmulatedFrame: number;
}

/** `NO_FRAME` is also the number of no page. */
export const newShadowState = (
  arena: Arena,
  guest: GuestMemory,
  pool: ShadowPool,
  observer: ShadowObserver,
): ShadowState => {
  const uses = new GuestFrameUses(arena);
  const twins: TwinCache = new TwinCache(arena, pool, uses, (frame) => outOfSync.remove(frame));
  const outOfSync = new OutOfSync(arena, pool, uses, twins);
  return {
    guest,
    pool,
    uses,
    twins,
    outOfSync,
    walk: new GuestWalk(guest),
    observer,
    rootFrame: NO_FRAME,
    root: -1,
    lastZeroed: NO_FRAME,
    lastEmulatedPage: NO_FRAME,
    lastEmulatedFrame: NO_FRAME,
  };
};

/** Gives back what the state takes of the arena, when its domain is destroyed. */
export const disposeShadow = ({ uses, twins, outOfSync }: ShadowState): void => {
  twins.dispose();
  outOfSync.dispose();
  uses.dispose();
};

/** All of the state but the pool, which is the model's. */
export const checkpointShadow = (archive: Archive, state: ShadowState): void => {
  archive.part('uses', state.uses);
  archive.part('twins', state.twins);
  archive.part('outOfSync', state.outOfSync);
  state.rootFrame = archive.value('rootFrame', state.rootFrame);
  state.root = archive.value('root', state.root);
  state.lastZeroed = archive.value('lastZeroed', state.lastZeroed);
  state.lastEmulatedPage = archive.value('lastEmulatedPage', state.lastEmulatedPage);
  state.lastEmulatedFrame = archive.value('lastEmulatedFrame', state.lastEmulatedFrame);
};
