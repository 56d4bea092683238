import { EntryFlag, entryFrame, isPresent, isSet, isWritable, packEntry } from '../host/entry.js';
import { NO_FRAME } from '../host/frame-number.js';
import type { GuestFrameUses } from './guest-frame-uses.js';
import type { GuestMemory } from './guest-memory.js';
import { EMPTY, KNOWN_ABSENT } from './twin-kind.js';

/** Why an entry of a twin is made: the guest reads or writes the page, or the hypervisor only keeps the twin up. */
export const Fetch = { keepUp: 0, read: 1, write: 2 } as const;
export type FetchId = (typeof Fetch)[keyof typeof Fetch];

/**
 * The entry of a twin for a guest's entry of a page: the machine frame behind it, with no more rights than the guest gives. It
 * stays absent until the guest's accessed flag is set, and read-only until its dirty flag is, so that the first access and the
 * first write are seen; read-only too while the frame is a table that is in sync, or while its first write has to be logged.
 */
export const propagateLeaf = (guest: GuestMemory, uses: GuestFrameUses, entry: number, fetch: FetchId): number => {
  if (!isPresent(entry)) return KNOWN_ABSENT;
  const frame = guest.machineFrame(entryFrame(entry));
  if (frame === NO_FRAME) return EMPTY;
  if (!isSet(entry, EntryFlag.accessed)) return packEntry(frame, EntryFlag.dirty);
  let flags: number = EntryFlag.present | EntryFlag.accessed;
  if (isWritable(entry) && isSet(entry, EntryFlag.dirty)) {
    if (fetch === Fetch.write) guest.wrote(frame);
    if (!guest.awaitsWrite(frame) && uses.mayBeWritable(guest, frame, fetch === Fetch.write)) {
      flags |= EntryFlag.writable | EntryFlag.dirty;
    }
  }
  return packEntry(frame, flags);
};
