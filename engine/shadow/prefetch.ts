import { EntryFlag, packEntry } from '../host/entry.js';
import { lacksFlags } from './guest-walk.js';
import { Fetch, propagateLeaf } from './propagate.js';
import type { ShadowState } from './shadow-state.js';
import { EMPTY } from './twin-kind.js';

/** Entries that one fault looks at, its own among them (Xen: PREFETCH_DISTANCE). */
const PREFETCH_DISTANCE = 32;

/**
 * After a fill, fills the entries that follow in the same twin, up to the first one that is filled already or that would need
 * a fault of its own for the guest's flags.
 */
export const prefetch = (state: ShadowState, slot: number, index: number): void => {
  const { guest, uses, twins, walk, outOfSync } = state;
  const end = Math.min(index + PREFETCH_DISTANCE, twins.entriesATable);
  const filled = twins.entries(slot);
  const table = walk.isLarge ? undefined : guest.entriesAt(walk.tables[0]);
  const snapshot = walk.isLarge ? undefined : outOfSync.snapshot(walk.tables[0]);
  const flags = walk.leaf & (EntryFlag.present | EntryFlag.writable | EntryFlag.accessed | EntryFlag.dirty);
  for (let at = index + 1; at < end; at += 1) {
    if (filled[at] !== EMPTY) return;
    const entry = walk.isLarge ? packEntry(walk.guestFrame + at - index, flags) : table![at];
    if (lacksFlags(entry)) return;
    twins.setLeaf(slot, at, propagateLeaf(guest, uses, entry, Fetch.keepUp));
    if (snapshot !== undefined) snapshot[at] = entry;
  }
};
