import { Arena } from '../../../engine/host/arena.js';
import { TableStore } from '../../../engine/host/table-store.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { type RadixFormat, pagesAt } from '../../../engine/paging/format.js';
import { NestedPaging, type NestedSpace, combinedTag } from '../../../engine/paging/nested-paging.js';
import { PagingUnit } from '../../../engine/paging/paging-unit.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { type FrameSource, GuestTableFrames, MachineTableFrames } from '../../../engine/paging/table-frames.js';
import { RadixTlb } from '../../../engine/paging/radix-tlb.js';
import { WalkCache } from '../../../engine/paging/walk-cache.js';

/** For all scenes of a test file. */
export const arena = new Arena();

/** Frames from the first of the list on. */
const sourceOf = (frames: readonly number[]): FrameSource => {
  const free = frames.toReversed();
  return { take: () => free.pop() ?? NO_FRAME, giveBack: (frame) => void free.push(frame) };
};

/** Machine memory that holds tables only, in frames from `first` up. */
export const tableMemory = (format: RadixFormat, first: number, frames: number): MachineTableFrames =>
  new MachineTableFrames(
    format,
    sourceOf(Array.from({ length: frames }, (_, index) => first + index)),
    new TableStore(arena),
  );

/** Guest frames that hold tables. */
export const guestTableMemory = (
  machine: MachineTableFrames,
  second: RadixTable,
  guestFrames: readonly number[],
): GuestTableFrames => new GuestTableFrames(machine, second, sourceOf(guestFrames));

/** Sizes of the caches of one dimension; null for none. */
export interface Caches {
  readonly tlb: readonly { readonly sets: number; readonly ways: number }[] | null;
  readonly walk: readonly number[] | null;
}

export const NO_CACHES: Caches = { tlb: null, walk: null };

export const unitOf = (
  format: RadixFormat,
  machine: MachineTableFrames,
  caches: Caches,
  setsFlags = true,
): PagingUnit =>
  new PagingUnit({
    format,
    machine,
    tlb: caches.tlb === null ? null : new RadixTlb(arena, format, caches.tlb),
    walkCache: caches.walk === null ? null : new WalkCache(arena, format, caches.walk),
    setsFlags,
  });

export interface NestedScene {
  readonly machine: MachineTableFrames;
  readonly mmu: NestedPaging;
  readonly guest: RadixTable;
  readonly guestMemory: GuestTableFrames;
  readonly second: RadixTable;
  readonly space: NestedSpace;
}

/** The machine frame where guest frame 0 stands: guest memory is one run, aligned to the largest leaf. */
const GUEST_RUN = 2 ** 18;
/** Guest frames of the guest's tables. */
const GUEST_TABLES = Array.from({ length: 16 }, (_, index) => index);

/** A guest with empty tables over a second stage that maps its guest frames in leaves of one level. */
export const nestedScene = (
  guestFormat: RadixFormat,
  secondFormat: RadixFormat,
  secondLevel: number,
  guestCaches: Caches = NO_CACHES,
  secondCaches: Caches = NO_CACHES,
  secondSetsFlags = true,
): NestedScene => {
  const machine = tableMemory(secondFormat, 1, 1000);
  const second = new RadixTable(secondFormat, machine, machine.newTable());
  const pages = pagesAt(secondFormat, secondLevel);
  for (let at = 0; at < 2048; at += pages) second.map(at, GUEST_RUN + at, secondLevel, true);
  const guestMemory = guestTableMemory(machine, second, GUEST_TABLES);
  const guest = new RadixTable(guestFormat, guestMemory, guestMemory.newTable());
  const inner = unitOf(secondFormat, machine, secondCaches, secondSetsFlags);
  const { spec } = unitOf(guestFormat, machine, guestCaches);
  const space = {
    first: { tag: combinedTag(1, 1), rootFrame: guest.rootFrame },
    second: { tag: 1, rootFrame: second.rootFrame },
  };
  return { machine, mmu: new NestedPaging(spec, inner), guest, guestMemory, second, space };
};
