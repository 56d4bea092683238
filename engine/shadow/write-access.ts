import { EntryFlag, entryFrame, isPresent, isWritable } from '../host/entry.js';
import { NO_FRAME } from '../host/frame-number.js';
import { type RadixFormat, indexAt } from '../paging/format.js';
import type { GuestFrameUses } from './guest-frame-uses.js';
import type { GuestMemory } from './guest-memory.js';
import type { TwinCache } from './twin-cache.js';
import { TwinKind } from './twin-kind.js';

export interface TwinTables {
  readonly format: RadixFormat;
  readonly twins: TwinCache;
}

/** The twin of the lowest level that the page's way leads to from a root's twin, or −1. */
export const lowestTwin = ({ twins, format }: TwinTables, root: number, page: number): number => {
  let slot = root;
  for (let level = format.levels - 1; level > 0 && slot >= 0; level -= 1) {
    slot = twins.below(slot, indexAt(format, page, level));
  }
  return slot;
};

/** Takes the right to write from one entry, if it gives that to the frame. */
export const protectEntry = (twins: TwinCache, slot: number, index: number, frame: number): void => {
  const entry = twins.entries(slot)[index];
  if (!isPresent(entry) || !isWritable(entry) || entryFrame(entry) !== frame) return;
  twins.setLeaf(slot, index, (entry & ~(EntryFlag.writable | EntryFlag.dirty)) >>> 0);
};

export interface WriteAccessParts extends TwinTables {
  readonly guest: GuestMemory;
  readonly uses: GuestFrameUses;
  /** Slots of the loaded roots' twins. */
  readonly roots: Int32Array;
}

/**
 * Takes the right to write to a frame from every twin: from where the kernel is likely to map it first, then by a search of
 * all. Whether there was one; the TLB has to be flushed then.
 */
export const removeWriteAccess = (parts: WriteAccessParts, frame: number): boolean => {
  const { guest, uses, twins, format, roots } = parts;
  if (uses.writers(frame) === 0) return false;
  const guestFrame = guest.guestFrame(frame);
  const root = roots.findLast((slot) => slot >= 0) ?? -1;
  if (root >= 0 && guestFrame !== NO_FRAME) {
    const page = guest.likelyPage(guestFrame);
    const slot = lowestTwin(parts, root, page);
    if (slot >= 0) protectEntry(twins, slot, indexAt(format, page, 0), frame);
  }
  if (uses.writers(frame) === 0) return true;
  twins.forEach((slot) => {
    if (twins.kind[slot] !== TwinKind.l1 && twins.kind[slot] !== TwinKind.splinter) return;
    for (let index = 0; index < twins.entriesATable; index += 1) protectEntry(twins, slot, index, frame);
  });
  return true;
};
