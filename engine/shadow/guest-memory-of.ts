import type { Domain } from '../domain/domain.js';
import { NO_FRAME, asMfn } from '../host/frame-number.js';
import type { GuestMemory } from './guest-memory.js';

/** What the entries of a domain's tables mean, beside what all guests have alike. */
export type EntryMeaning = Pick<GuestMemory, 'machineFrame' | 'bringBack' | 'likelyPage'>;

/** The memory of a domain as the shadow code sees it. */
export const guestMemoryOf = (domain: Domain, meaning: EntryMeaning): GuestMemory => {
  const { host, foreign, id } = domain;
  const { frames } = host;
  const isOwn = (frame: number): boolean => frames.owner(asMfn(frame)) === id;
  return {
    ...meaning,
    entriesAt: (frame) => host.tables.get(asMfn(frame)),
    guestFrame: (frame) => (isOwn(frame) ? frames.guestFrame(asMfn(frame)) : NO_FRAME),
    mayWrite: (frame) => isOwn(frame) || foreign.canWrite(asMfn(frame)),
    awaitsWrite: (frame) =>
      domain.dirtyLog !== null && isOwn(frame) && !domain.dirtyLog.has(frames.guestFrame(asMfn(frame))),
    wrote: (frame) => {
      if (isOwn(frame)) domain.dirtyLog?.mark(frames.guestFrame(asMfn(frame)));
    },
  };
};
