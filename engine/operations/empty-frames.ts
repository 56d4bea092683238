import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, hex } from '../host/frame-number.js';
import { FrameState, FrameType } from '../host/frame-table.js';
import type { Host } from '../host/host.js';
import type { Account } from '../host/ledger.js';
import { takeOffline } from '../host/offline-frames.js';
import { type BlockedFrame, type Relocation, relocatePages } from './relocate.js';
import { vacate } from './vacate.js';

export interface EmptyingRequest {
  readonly host: Host;
  readonly mfns: readonly Mfn[];
  readonly payer: Account;
  /** Passes the time that a guest stands still on to what runs in it, in nanoseconds. */
  readonly stall?: (domain: Domain, ns: number) => void;
}

/**
 * Takes frames out of use, whatever they hold: free ones at once; pages of a guest by its model, the guest itself under
 * P==M; shared frames for all guest frames that they stand for. One that stays is marked, and goes offline when its owner
 * gives it up. An owner of memory makes up for what the hypervisor's reserve lost.
 */
export const emptyFrames = ({ host, mfns, payer, stall }: EmptyingRequest): Relocation => {
  const { frames } = host;
  const pages = new Map<Domain, Pfn[]>();
  const blocked: BlockedFrame[] = [];
  let moved = 0;
  let pausedNs = 0;
  for (const mfn of mfns) {
    const state = frames.state(mfn);
    if (state === FrameState.free) {
      takeOffline(host, mfn);
    } else if (state === FrameState.owned) {
      frames.setLeaving(mfn, true);
      const owner = host.domains.get(frames.owner(mfn))!;
      if (owner.model.overcommit?.cache.frames.includes(mfn) === true) {
        const finding = exchangeWaiting(owner, mfn, payer);
        if (finding === null) moved += 1;
        else blocked.push({ mfn, finding });
        continue;
      }
      const others = pages.get(owner);
      if (others === undefined) pages.set(owner, [frames.guestFrame(mfn)]);
      else others.push(frames.guestFrame(mfn));
    } else if (state === FrameState.shared) {
      frames.setLeaving(mfn, true);
      const finding = moveShared(host, mfn, payer);
      if (finding === null) moved += 1;
      else blocked.push({ mfn, finding });
    } else if (state !== FrameState.offlined) {
      const detail = `frame ${hex(mfn)} of ${host.name} is ${host.describeOwner(mfn)}`;
      blocked.push({ mfn, finding: { operation: 'relocate', model: 'none', rule: 'a-domain-has-it', detail } });
    }
  }
  for (const [domain, pfns] of pages) {
    const stopped = (ns: number): void => stall?.(domain, ns);
    const byGuest = domain.model.repoint === undefined;
    const result = byGuest ? vacate(domain, pfns) : relocatePages({ domain, pfns, payer, stall: stopped });
    if (byGuest) stopped(result.pausedNs);
    moved += result.moved;
    pausedNs += result.pausedNs;
    blocked.push(...result.blocked);
  }
  host.memoryOwner?.refill();
  return { moved, blocked, pausedNs };
};

/** Puts another frame in the place of one that waits for a page that is not populated. */
const exchangeWaiting = (domain: Domain, mfn: Mfn, payer: Account): Finding | null => {
  const { host, model } = domain;
  const other = host.allocate(domain, 0);
  if (other === NO_FRAME) return noRoom(host, model.id, mfn);
  model.overcommit!.cache.exchange(mfn, other);
  host.release(mfn, payer);
  return null;
};

/** Copies a shared frame and repoints every guest frame that it stands for. */
const moveShared = (host: Host, mfn: Mfn, payer: Account): Finding | null => {
  const { frames } = host;
  const sharers = sharersOf(host, mfn);
  const to = host.takeSpare(sharers[0].domain);
  if (to === NO_FRAME) return noRoom(host, 'none', mfn);
  frames.setState(to, FrameState.shared);
  frames.setContents(to, frames.contents(mfn));
  payer.charge(Mechanism.populate, Event.pageAllocate);
  payer.charge(Mechanism.movement, Event.pageCopy);
  for (const { domain, pfn } of sharers) {
    domain.model.overcommit!.follow(pfn, to);
    frames.takeType(to, FrameType.shared);
    frames.addReferences(to, 1);
    frames.dropType(mfn);
    frames.addReferences(mfn, -1);
  }
  frames.addReferences(mfn, 1);
  host.release(mfn, payer);
  return null;
};

/** Every guest frame that a shared frame stands for. */
export const sharersOf = (host: Host, mfn: Mfn): { readonly domain: Domain; readonly pfn: Pfn }[] => {
  const sharers: { domain: Domain; pfn: Pfn }[] = [];
  for (const domain of host.domains.values()) {
    const { overcommit } = domain.model;
    overcommit?.places.forEach((pfn) => {
      if (overcommit.isShared(pfn) && domain.model.machineFrame(pfn) === mfn) sharers.push({ domain, pfn });
    });
  }
  return sharers;
};

const noRoom = (host: Host, model: string, mfn: Mfn): Finding => {
  const detail = `${host.name} has no frame free to move frame ${hex(mfn)} to`;
  return { operation: 'relocate', model, rule: 'heap-has-room', detail };
};
