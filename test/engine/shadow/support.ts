import { Arena } from '../../../engine/host/arena.js';
import { EntryFlag, entryFrame, isPresent, isWritable, packEntry } from '../../../engine/host/entry.js';
import { EVENT_NAMES, type EventName } from '../../../engine/host/events.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { ShadowPool } from '../../../engine/shadow/shadow-pool.js';
import { type ShadowState, newShadowState } from '../../../engine/shadow/shadow-state.js';

const { present, writable, accessed, dirty, large } = EntryFlag;
/** All that Linux sets in an entry that may be written. */
export const FULL = present | writable | accessed | dirty;
/** A link, or an entry for reading, as Linux makes it. */
export const READ = present | accessed;

/** Where the test's kernel maps all memory: one large entry, as Linux's direct map. */
const DIRECT_MAP = 0x8_8800_0000;
export const directPage = (guestFrame: number): number => DIRECT_MAP + guestFrame;

/** Guest frames of the two roots, and of the kernel's two tables below them. */
export const ROOTS = [0, 1] as const;
const KERNEL_L3 = 2;
const KERNEL_L2 = 3;
/** The first guest frame that the kernel's mapping does not need. */
export const FIRST_FREE = 4;

/** A guest with contents in every frame, at machine frames in another order, and the twins of its tables. */
export interface TestGuest {
  readonly state: ShadowState;
  readonly frames: number;
  /** Guest frame to machine frame. */
  readonly p2m: number[];
  /** Contents by machine frame. */
  readonly contents: Map<number, Uint32Array>;
  /** Machine frames written since logging began; null while nothing is logged. */
  logged: Set<number> | null;
  counts(): Partial<Record<EventName, number>>;
}

export const testGuest = (frames = 64, poolFrames = 60): TestGuest => {
  const contents = new Map<number, Uint32Array>();
  const p2m = Array.from({ length: frames }, (_, guestFrame) => 1000 + ((guestFrame * 37) % frames));
  for (const frame of p2m) contents.set(frame, new Uint32Array(512));
  let counted = new Map<EventName, number>();
  const pool = new ShadowPool(Array.from({ length: poolFrames }, (_, slot) => 5000 + slot));
  const guest: TestGuest = {
    state: newShadowState(
      new Arena(),
      X86_64,
      {
        entriesAt: (frame) => contents.get(frame),
        machineFrame: (guestFrame) => p2m[guestFrame] ?? NO_FRAME,
        bringBack: () => false,
        guestFrame: (frame) => p2m.indexOf(frame),
        mayWrite: () => true,
        likelyPage: directPage,
        awaitsWrite: (frame) => guest.logged !== null && !guest.logged.has(frame),
        wrote: (frame) => void guest.logged?.add(frame),
      },
      pool,
      {
        charge: (event) => void counted.set(EVENT_NAMES[event], (counted.get(EVENT_NAMES[event]) ?? 0) + 1),
        flushTlb: () => {},
      },
    ),
    frames,
    p2m,
    contents,
    logged: null,
    counts() {
      const counts = Object.fromEntries(counted);
      counted = new Map();
      return counts;
    },
  };
  const kernelIndex = Math.floor(DIRECT_MAP / 512 ** 3) % 512;
  for (const root of ROOTS) contents.get(p2m[root])![kernelIndex] = packEntry(KERNEL_L3, FULL);
  contents.get(p2m[KERNEL_L3])![Math.floor(DIRECT_MAP / 512 ** 2) % 512] = packEntry(KERNEL_L2, FULL);
  contents.get(p2m[KERNEL_L2])![Math.floor(DIRECT_MAP / 512) % 512] = packEntry(0, FULL | large);
  return guest;
};

/** What the guest's tables and the p2m say of a page, without twins, caches or flags. */
export interface SlowAnswer {
  readonly ends: 'mapped' | 'notMapped' | 'readOnly' | 'noMemory';
  readonly frame: number;
}

/** A slow walk of the guest's own tables, each frame looked up in the p2m: what twins must come to. */
export const slowWalk = ({ p2m, contents }: TestGuest, root: number, page: number, write: boolean): SlowAnswer => {
  let table = p2m[root];
  for (const level of [3, 2, 1, 0]) {
    const entry = contents.get(table)![Math.floor(page / 512 ** level) % 512];
    if (!isPresent(entry)) return { ends: 'notMapped', frame: NO_FRAME };
    if (level === 0) {
      if (write && !isWritable(entry)) return { ends: 'readOnly', frame: NO_FRAME };
      const frame = p2m[entryFrame(entry)];
      return frame === undefined ? { ends: 'noMemory', frame: NO_FRAME } : { ends: 'mapped', frame };
    }
    const below = p2m[entryFrame(entry)];
    if (below === undefined) return { ends: 'notMapped', frame: NO_FRAME };
    table = below;
  }
  throw new Error('a walk ends at the lowest level');
};
