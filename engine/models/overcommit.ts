import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Account } from '../host/ledger.js';
import { type Mfn, NO_FRAME, type Pfn, hex } from '../host/frame-number.js';
import { FrameState, FrameType, SCRUBBED } from '../host/frame-table.js';
import { OnDemandCache } from './on-demand-cache.js';
import { PagePlaces, Place } from './page-places.js';
import type { P2mStore } from './translated.js';

/** Ways to give guests more memory than there is. */
export type Overcommitment = 'share' | 'page out' | 'populate on demand';

const OUT_OF_REACH_RULES: ReadonlySet<string> = new Set([
  'heap-has-room',
  'pool-has-room',
  'on-demand-frames',
  'page-left-behind',
]);

/** Whether an access was refused because its page cannot be brought: there is no frame for it, or the link to it is down. */
export const isOutOfReach = ({ operation, rule }: Finding): boolean =>
  operation === 'access' && OUT_OF_REACH_RULES.has(rule);

/** The host that a guest left before its pages did. */
export interface PagesLeftBehind {
  contents(pfn: Pfn): number;
  /** Brings a page that the guest waits for: it has been delivered then, or cannot be. */
  fetch(pfn: Pfn): Finding | null;
}

/** Which of them a model has; one that is hypothetical must be asked for by that word. */
export type OvercommitSupport = Readonly<Partial<Record<Overcommitment, 'exists' | 'hypothetical'>>>;

/**
 * Memory that a VP domain has without a frame of its own, and the faults that bring it back: a shared frame is copied at
 * the first write, a page on disk is read in at the next access, a page that was never touched gets a frame then.
 * Translations of the domain are dropped where a frame changes; the hypervisor does not know at which pages of the guest
 * one is mapped, so it drops all.
 */
export class Overcommit implements Checkpointed {
  readonly support: OvercommitSupport;
  readonly places: PagePlaces;
  /** Frames for pages that have none yet. */
  readonly cache: OnDemandCache;
  readonly #domain: Domain;
  readonly #p2m: P2mStore;
  #leftBehind: PagesLeftBehind | null = null;

  constructor(domain: Domain, p2m: P2mStore, support: OvercommitSupport) {
    this.support = support;
    this.places = new PagePlaces(domain.host.simulation.arena);
    this.#domain = domain;
    this.#p2m = p2m;
    this.cache = new OnDemandCache(domain, p2m, this.places);
  }

  /** Guest frames that have memory elsewhere than in a frame of their own. */
  get outside(): number {
    const elsewhere = [Place.shared, Place.pagedOut, Place.onDemand, Place.leftBehind] as const;
    return elsewhere.reduce((sum, place) => sum + this.places.count(place), 0);
  }

  isShared(pfn: Pfn): boolean {
    return this.places.at(pfn) === Place.shared;
  }

  /** The contents of a guest frame that is not in a frame of its own. */
  contents(pfn: Pfn): number {
    const { frames, pagingDisk } = this.#domain.host;
    const place = this.places.at(pfn);
    if (place === Place.shared) return frames.contents(this.#p2m.get(pfn));
    if (place === Place.leftBehind) return this.#leftBehind!.contents(pfn);
    return place === Place.pagedOut ? pagingDisk!.contents(this.places.slot(pfn)) : SCRUBBED;
  }

  /** Sees to it that the guest frame can be read. */
  settle(pfn: Pfn): Finding | null {
    const place = this.places.at(pfn);
    if (place === Place.own || place === Place.shared) return null;
    this.#domain.account.charge(Mechanism.movement, Event.absentPageFault);
    if (place === Place.leftBehind) return this.#leftBehind!.fetch(pfn);
    return place === Place.pagedOut ? this.#pageIn(pfn) : this.cache.populate(pfn);
  }

  /** Sees to it that the guest frame has a frame of its own, as one that is mapped by others or by a device must. */
  makeOwn(pfn: Pfn): Finding | null {
    return this.isShared(pfn) ? this.unshare(pfn) : this.settle(pfn);
  }

  /** Breaks the sharing of one guest frame: a copy, or the frame itself where no other guest frame has it any more. */
  unshare(pfn: Pfn): Finding | null {
    const { host, account, id } = this.#domain;
    const { frames } = host;
    const mfn = this.#p2m.get(pfn);
    account.charge(Mechanism.movement, Event.sharedWriteFault);
    if (frames.typeCount(mfn) === 1) {
      frames.dropType(mfn);
      frames.setState(mfn, FrameState.owned, id);
      frames.setGuestFrame(mfn, pfn);
      this.#p2m.set(pfn, mfn);
      this.places.put(pfn, Place.own);
      return null;
    }
    const copy = this.#allocate();
    if (copy === NO_FRAME) return this.#noRoom(pfn);
    account.charge(Mechanism.movement, Event.pageCopy);
    frames.setContents(copy, frames.contents(mfn));
    this.#leaveShare(mfn);
    this.#place(pfn, copy);
    this.#domain.mmu.flush(Mechanism.movement);
    return null;
  }

  /** Makes a frame of the domain's own a shared one, of one guest frame so far. */
  nominate(pfn: Pfn): Mfn {
    const { frames } = this.#domain.host;
    const mfn = this.#p2m.get(pfn);
    frames.takeType(mfn, FrameType.shared);
    frames.setState(mfn, FrameState.shared);
    frames.setGuestFrame(mfn, NO_FRAME);
    this.places.put(pfn, Place.shared);
    this.#p2m.set(pfn, mfn);
    this.#domain.mmu.flush(Mechanism.movement);
    return mfn;
  }

  /** Puts a guest frame at a shared frame of the same contents, and gives up what it had. */
  join(pfn: Pfn, mfn: Mfn): void {
    const { frames } = this.#domain.host;
    this.drop(pfn, this.#domain.account);
    frames.takeType(mfn, FrameType.shared);
    frames.addReferences(mfn, 1);
    this.#p2m.set(pfn, mfn);
    this.places.put(pfn, Place.shared);
    this.#domain.mmu.flush(Mechanism.movement);
  }

  /** The shared frame of a guest frame is another one now. */
  follow(pfn: Pfn, mfn: Mfn): void {
    this.#p2m.set(pfn, mfn);
    this.#domain.mmu.flush(Mechanism.movement);
  }

  /** Writes a page to the host's paging disk, which has room, and frees its frame. */
  pageOut(pfn: Pfn, payer: Account): void {
    const { host, id } = this.#domain;
    const mfn = this.#p2m.get(pfn);
    const slot = host.pagingDisk!.write(id, pfn, host.frames.contents(mfn));
    this.#p2m.set(pfn, NO_FRAME);
    this.places.put(pfn, Place.pagedOut, slot);
    host.release(mfn, payer);
  }

  /** The domain runs here before these pages have come. */
  leaveBehind(pfns: readonly Pfn[], source: PagesLeftBehind): void {
    this.#leftBehind = source;
    for (const pfn of pfns) this.places.put(pfn, Place.leftBehind);
  }

  /** One of them has come. The caller has seen to it that there is a frame for it. */
  deliver(pfn: Pfn, stamp: number): void {
    const mfn = this.#allocate();
    if (mfn === NO_FRAME)
      throw new Error(`no frame for page ${hex(pfn)} of ${this.#domain.name}, which was counted on`);
    this.#domain.host.frames.setContents(mfn, stamp);
    this.#place(pfn, mfn);
    if (this.places.count(Place.leftBehind) === 0) this.#leftBehind = null;
  }

  /** The guest balloons a frame out, wherever its memory is. A domain that is short of frames for its pages keeps it. */
  release(pfn: Pfn): void {
    const { host, account } = this.#domain;
    const mfn = this.#p2m.get(pfn);
    if (this.places.at(pfn) !== Place.own || !this.cache.isShort || host.frames.isLeaving(mfn)) {
      this.drop(pfn, account);
      return;
    }
    this.#p2m.set(pfn, NO_FRAME);
    this.cache.takeBack(mfn);
  }

  /** Gives up the memory of a guest frame, wherever it is. */
  drop(pfn: Pfn, payer: Account): void {
    const { host } = this.#domain;
    const mfn = this.#p2m.get(pfn);
    const place = this.places.at(pfn);
    if (place === Place.shared) {
      if (host.frames.typeCount(mfn) > 1) {
        this.#leaveShare(mfn);
      } else {
        host.frames.dropType(mfn);
        host.release(mfn, payer);
      }
    } else if (place === Place.pagedOut) {
      host.pagingDisk!.drop(this.places.slot(pfn));
    } else if (place === Place.own) {
      host.release(mfn, payer);
    }
    this.#p2m.set(pfn, NO_FRAME);
    this.places.put(pfn, Place.own);
  }

  /** Gives up all that is not in frames of the domain's own, and the frames for what is not populated. */
  giveUp(payer: Account): void {
    this.places.forEach((pfn) => this.drop(pfn, payer));
    this.cache.giveUp(payer);
  }

  checkpoint(archive: Archive): void {
    const leftBehind = this.#leftBehind === null ? [] : [this.#leftBehind];
    [this.#leftBehind = null] = archive.tracked('leftBehind', leftBehind);
    archive.part('places', this.places);
    archive.part('cache', this.cache);
  }

  /** Gives back the memory of its state, when the domain is gone. */
  dispose(): void {
    this.places.release();
  }

  #pageIn(pfn: Pfn): Finding | null {
    const { host, account } = this.#domain;
    const mfn = this.#allocate();
    if (mfn === NO_FRAME) return this.#noRoom(pfn);
    const slot = this.places.slot(pfn);
    host.frames.setContents(mfn, host.pagingDisk!.contents(slot));
    host.pagingDisk!.drop(slot);
    account.charge(Mechanism.movement, Event.diskRead);
    account.charge(Mechanism.movement, Event.pageCopy);
    this.#place(pfn, mfn);
    return null;
  }

  #place(pfn: Pfn, mfn: Mfn): void {
    this.#p2m.set(pfn, mfn);
    this.#domain.host.frames.setGuestFrame(mfn, pfn);
    this.places.put(pfn, Place.own);
  }

  #leaveShare(mfn: Mfn): void {
    this.#domain.host.frames.dropType(mfn);
    this.#domain.host.frames.addReferences(mfn, -1);
  }

  #allocate(): Mfn {
    return this.#domain.host.allocate(this.#domain, 0);
  }

  #noRoom(pfn: Pfn): Finding {
    const { host, model, name } = this.#domain;
    const detail = `${host.name} has no frame free for guest frame ${hex(pfn)} of ${name}`;
    return { operation: 'access', model: model.id, rule: 'heap-has-room', detail };
  }
}
