import type { Archive } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { NO_FRAME } from '../host/frame-number.js';
import { GuestFrameUses } from './guest-frame-uses.js';
import type { RadixFormat } from '../paging/format.js';
import type { GuestMemory } from './guest-memory.js';
import { GuestWalk } from './guest-walk.js';
import { OutOfSync } from './out-of-sync.js';
import type { ShadowPool } from './shadow-pool.js';
import { TwinCache } from './twin-cache.js';
import { LEVELS } from './twin-kind.js';

/** Who has to hear of what the shadow code does. */
export interface ShadowObserver {
  /** An event of `Event.…` happened. */
  charge(event: number): void;
  /** Rights were taken away that the TLB may hold. */
  flushTlb(): void;
}

/**
 * Which part of its addresses a guest reaches by which root. Where one root has all of them, as on x86-64, it is `low`; a kernel
 * whose own mapping has a root to itself, as on arm64, has that at `high`.
 */
export const Half = { low: 0, high: 1 } as const;
export type HalfId = (typeof Half)[keyof typeof Half];

/** All that the shadow code keeps for a domain with one virtual processor. */
export interface ShadowState {
  readonly guest: GuestMemory;
  readonly format: RadixFormat;
  readonly pool: ShadowPool;
  readonly uses: GuestFrameUses;
  readonly twins: TwinCache;
  readonly outOfSync: OutOfSync;
  readonly walk: GuestWalk;
  readonly observer: ShadowObserver;
  /** The loaded roots of both halves: guest frame, machine frame, and the slot of the twin; −1 where there is none. */
  readonly rootGuestFrames: Int32Array;
  readonly rootFrames: Int32Array;
  readonly roots: Int32Array;
  /** The half that an operation is about. */
  half: HalfId;
  /** What is loaded there. */
  readonly rootFrame: number;
  readonly root: number;
  /** The table that the last emulated store of a zero went to, while no other fault came between. */
  lastZeroed: number;
  /** The page through which a store was emulated last, and the table that it went to. */
  lastEmulatedPage: number;
  lastEmulatedFrame: number;
}

/** `NO_FRAME` is also the number of no page. */
export const newShadowState = (
  arena: Arena,
  format: RadixFormat,
  guest: GuestMemory,
  pool: ShadowPool,
  observer: ShadowObserver,
): ShadowState => {
  if (format.levels !== LEVELS) throw new RangeError(`guest tables of ${LEVELS} levels have twins`);
  const uses = new GuestFrameUses(arena);
  const twins: TwinCache = new TwinCache(arena, 2 ** format.indexBits, pool, uses, (frame) => outOfSync.remove(frame));
  const outOfSync = new OutOfSync(arena, pool, uses, twins);
  return {
    guest,
    format,
    pool,
    uses,
    twins,
    outOfSync,
    walk: new GuestWalk(guest, format),
    observer,
    rootGuestFrames: new Int32Array(2).fill(NO_FRAME),
    rootFrames: new Int32Array(2).fill(NO_FRAME),
    roots: new Int32Array(2).fill(-1),
    half: Half.low,
    get rootFrame() {
      return this.rootFrames[this.half];
    },
    get root() {
      return this.roots[this.half];
    },
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
  archive.view('rootGuestFrames', state.rootGuestFrames);
  archive.view('rootFrames', state.rootFrames);
  archive.view('roots', state.roots);
  state.lastZeroed = archive.value('lastZeroed', state.lastZeroed);
  state.lastEmulatedPage = archive.value('lastEmulatedPage', state.lastEmulatedPage);
  state.lastEmulatedFrame = archive.value('lastEmulatedFrame', state.lastEmulatedFrame);
};
