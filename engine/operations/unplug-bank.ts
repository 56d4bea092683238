import type { Checkpointed } from '../checkpoint/archive.js';
import { type Finding, isFinding } from '../finding.js';
import { type Mfn, asMfn, hex } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import { bringRangeOnline, takeRangeOffline } from '../host/offline-frames.js';
import type { BankLayout } from '../platform.js';
import { type EmptyingRequest, emptyFrames } from './empty-frames.js';
import type { BlockedFrame, Relocation } from './relocate.js';

/** The host, and who pays. */
export type UnplugRequest = Omit<EmptyingRequest, 'mfns'>;

/** What a part of draining a bank came to. */
export interface DrainedPart extends Relocation {
  /** Frames of the bank that are still in use. */
  readonly left: number;
}

/** The removal of a bank, while it goes on. It may be left and taken up again at any point. */
export interface BankRemoval extends Checkpointed {
  /** Frames that could not be emptied since it last began at the start of the bank, and why. */
  readonly blocked: readonly BlockedFrame[];
  /** Empties up to `frames` frames that are in use, from where it stopped; it starts again once it came to the end. */
  drain(frames?: number): DrainedPart;
  /** Takes the bank out; a finding that lists what blocks it while frames are in use. */
  finish(): Finding | null;
  /** Gives the bank back to the heap. Pages that were moved stay where they are. */
  undo(): void;
}

/** Frames that a refusal names; `blocked` has all of them. */
const FRAMES_NAMED = 64;

const refuse = (rule: string, detail: string): Finding => ({ operation: 'remove memory', model: 'none', rule, detail });

/**
 * Begins to take a bank out: its free frames leave the heap, and so does each that is given up, so that nothing new goes
 * there. Tables that describe only this bank, and lie in it, go with it.
 */
export const unplugBank = (request: UnplugRequest, bank: BankLayout): BankRemoval | Finding => {
  const { host } = request;
  const { pageBytes } = host.simulation.platform;
  const first = bank.start / pageBytes;
  const end = first + bank.size / pageBytes;
  if (!host.banks.some(({ start, size }) => start === bank.start && size === bank.size))
    return refuse('bank-is-there', `${host.name} has no bank of ${end - first} frames at ${hex(first)}`);
  const offlineBefore = new Set<Mfn>();
  for (let at = first; at < end; at += 1) {
    const mfn = asMfn(at);
    const state = host.frames.state(mfn);
    if (state === FrameState.offlined || host.frames.isLeaving(mfn)) offlineBefore.add(mfn);
    else if (state !== FrameState.reserved && state !== FrameState.free) host.frames.setLeaving(mfn, true);
  }
  takeRangeOffline(host, first, end);
  return removalOf(request, bank, offlineBefore);
};

/**
 * A removal that has begun. Out of a checkpoint, what it knows is read by its `checkpoint`. `offlineBefore`: frames that were
 * offline, or to go offline, before; they stay so when it is undone.
 */
export const removalOf = (
  request: UnplugRequest,
  bank: BankLayout,
  offlineBefore: Set<Mfn> = new Set(),
): BankRemoval => {
  const { host } = request;
  const { pageBytes } = host.simulation.platform;
  const first = bank.start / pageBytes;
  const end = first + bank.size / pageBytes;
  let cursor = first;
  let blocked: readonly BlockedFrame[] = [];

  /** Frames from `from` on that are in use and do not go with the bank. */
  const inUse = (from: number): Mfn[] => {
    const goesWithIt = new Set(host.hypervisor.framesOfBank(asMfn(first)));
    const used: Mfn[] = [];
    for (let at = from; at < end; at += 1) {
      const mfn = asMfn(at);
      if (host.frames.state(mfn) !== FrameState.offlined && !goesWithIt.has(mfn)) used.push(mfn);
    }
    return used;
  };

  return {
    get blocked() {
      return blocked;
    },

    drain(frames = Infinity) {
      if (cursor === end) {
        cursor = first;
        blocked = [];
      }
      const ahead = inUse(cursor);
      const mfns = ahead.slice(0, frames);
      cursor = mfns.length < ahead.length ? ahead[mfns.length] : end;
      const part = emptyFrames({ ...request, mfns });
      blocked = [...blocked, ...part.blocked];
      return { ...part, left: inUse(first).length };
    },

    finish() {
      const used = inUse(first).length;
      if (used > 0) {
        const named = blocked.slice(0, FRAMES_NAMED).map(({ mfn, finding }) => `${hex(mfn)} (${finding.rule})`);
        const more = blocked.length > named.length ? `, and ${blocked.length - named.length} more` : '';
        const which = `${named.join(', ')}${more}`;
        return refuse('bank-is-empty', `${used} frames of the bank at ${hex(first)} are in use: ${which}`);
      }
      host.hypervisor.forgetBank(asMfn(first));
      host.frames.setStates(first, end, FrameState.notInstalled);
      host.setBanks(host.banks.filter(({ start }) => start !== bank.start));
      return null;
    },

    undo() {
      const goesWithIt = new Set(host.hypervisor.framesOfBank(asMfn(first)));
      bringRangeOnline(host, first, end, (mfn) => offlineBefore.has(mfn) || goesWithIt.has(mfn));
    },

    checkpoint(archive) {
      cursor = archive.value('cursor', cursor);
      blocked = archive.data('blocked', blocked);
      archive.set('offlineBefore', offlineBefore);
    },
  };
};

/** Drains a bank and takes it out; when something blocks it, all is undone. Contents of guests stay in every case. */
export const removeBank = (request: UnplugRequest, bank: BankLayout): Relocation | Finding => {
  const removal = unplugBank(request, bank);
  if (isFinding(removal)) return removal;
  const drained = removal.drain();
  const refusal = removal.finish();
  if (refusal === null) return drained;
  removal.undo();
  return refusal;
};
