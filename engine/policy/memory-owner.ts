import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import { visibleNodes } from '../numa/visible-nodes.js';
import { BalloonOperations } from '../domain/balloon-operations.js';
import { findRun } from './find-run.js';

/** Xen's tools ask for a domain's memory in chunks of 2 MiB (`tools/libs/guest/xg_dom_x86.c`). */
const CHUNK_BYTES = 2 * 2 ** 20;

/** What a domain that owns a host's memory keeps back, and what it cannot have. In frames. */
export interface OwnerRules {
  /** Free frames that the owner does not give away. */
  readonly keeps: number;
  /** Free frames that the hypervisor keeps for its own tables: it lets the owner have none of them. */
  readonly reserve: number;
}

/**
 * One domain, the control domain, owns all memory of its host but a reserve. Whatever another domain is to have, the owner gives up
 * by its own balloon, and the hypervisor hands on those very frames, scrubbed. The owner decides which, by what it knows: P==M and
 * P2M know machine frames and so can choose a run of them, VP only guest frames, whose run is one of machine frames by luck. Who
 * asks for machine frames by number gets them if they are free in the owner's kernel. The hypervisor decides nothing and checks
 * all: ownership, references, the reserve.
 */
export class MemoryOwner implements Checkpointed {
  readonly domain: Domain;
  readonly rules: OwnerRules;
  readonly #host: Host;
  readonly #operations: BalloonOperations;

  constructor(domain: Domain, rules: OwnerRules) {
    this.domain = domain;
    this.rules = rules;
    this.#host = domain.host;
    this.#operations = new BalloonOperations(domain.account);
  }

  /** Frames that the owner could still give. */
  get spareFrames(): number {
    return Math.max(0, this.domain.free.count - this.rules.keeps);
  }

  /** Whether the hypervisor lets the owner have so many of the frames that are free. */
  mayTake(frames: number): boolean {
    return this.#host.heap.freeFrames - frames >= this.rules.reserve;
  }

  /** Order of the largest chunk that the owner finds for the domain; 0 where only single frames are left, −1 where none is. */
  largestOrder(taker: Domain): number {
    if (this.spareFrames === 0) return -1;
    const order = Math.log2(CHUNK_BYTES / this.#host.simulation.platform.pageBytes);
    return this.#findRun(order, taker, Infinity) === null ? 0 : order;
  }

  /** Machine frames of a range that are free in the owner's kernel, ascending. */
  freeWithin(first: number, end: number): Mfn[] {
    const { model, free } = this.domain;
    const mfns = free.copy().map((pfn) => model.machineFrame(pfn));
    return mfns.filter((mfn) => mfn >= first && mfn < end).toSorted((a, b) => a - b);
  }

  /**
   * The owner gives up 2^order frames of its choice, all of them below a frame where one is named; `NO_FRAME` when it has no such chunk.
   * They are out of the heap. The taker may be the owner itself, in need of other frames than it has.
   */
  allocate(order: number, taker: Domain, below = Infinity): Mfn {
    if (this.spareFrames < 2 ** order) return asMfn(NO_FRAME);
    if (order === 0 && below === Infinity) {
      const node = this.#wanted(taker);
      const nodes = visibleNodes(this.domain);
      const near =
        node === null ? null : this.domain.free.takeThat((pfn) => nodes.nodeOf(pfn) === node && this.#mayLeave(pfn));
      const pfn = near ?? this.domain.free.takeThat((free) => this.#mayLeave(free));
      return pfn === null ? asMfn(NO_FRAME) : this.#handOver([pfn], 0, taker);
    }
    const run = this.#findRun(order, taker, below);
    if (run === null) return asMfn(NO_FRAME);
    const chosen = new Set(run);
    this.domain.free.takeAll((pfn) => chosen.has(pfn));
    return this.#handOver(run, order, taker);
  }

  /** The owner gives up these very frames; false when one of them is not free in its kernel. */
  allocateAt(first: Mfn, order: number, taker: Domain): boolean {
    const { frames } = this.#host;
    if (this.spareFrames < 2 ** order) return false;
    const mfns = Array.from({ length: 2 ** order }, (_, offset) => asMfn(first + offset));
    if (!mfns.every((mfn) => frames.owner(mfn) === this.domain.id && !frames.isLeaving(mfn))) return false;
    const pfns = mfns.map((mfn) => frames.guestFrame(mfn));
    const wanted = new Set(pfns);
    const taken = this.domain.free.takeAll((pfn) => wanted.has(pfn));
    if (taken.length < pfns.length) {
      for (const pfn of taken) this.domain.free.giveBack(pfn);
      return false;
    }
    if (!this.domain.model.showsMachineFrames)
      this.domain.account.charge(Mechanism.populate, Event.p2mLookup, pfns.length);
    return this.#handOver(pfns, order, taker) === first;
  }

  /**
   * A domain has asked the hypervisor for memory, and that is not for the hypervisor to decide: the request goes to the owner over a
   * ring, with an event, and the answer comes back the same way.
   */
  ask(asker: Domain): void {
    this.#operations.end();
    const charge = (domain: Domain, event: number, count = 1): void =>
      domain.account.charge(Mechanism.rings, event, count);
    charge(asker, Event.ringEntry, 2);
    charge(this.domain, Event.upcall);
    charge(this.domain, Event.ringEntry, 2);
    charge(this.domain, Event.notification);
    charge(asker, Event.upcall);
  }

  /**
   * The owner takes back what others have left: P==M the frames that it gave, the others any. How many came. An operation ends where a
   * frame is refused, and the driver goes on behind it with another.
   */
  takeBack(): number {
    const { balloon, id } = this.domain;
    let came = 0;
    this.#operations.end();
    for (const pfn of balloon.frames) {
      if (!this.mayTake(1)) break;
      this.#operations.name(id);
      if (balloon.in(pfn, true) === null) came += 1;
      else this.#operations.end();
    }
    this.#operations.end();
    return came;
  }

  /** The owner gives the hypervisor frames until it has its reserve again, as far as it has any to spare. */
  refill(): void {
    const { free, balloon, id } = this.domain;
    while (this.#host.heap.freeFrames < this.rules.reserve && this.spareFrames > 0) {
      const pfn = free.takeThat((each) => this.#mayLeave(each));
      if (pfn === null) return;
      this.#operations.name(id);
      if (isFinding(balloon.release(pfn, true))) return;
    }
  }

  checkpoint(archive: Archive): void {
    archive.part('operations', this.#operations);
  }

  /** Whether a frame that is free in the owner's kernel may go to others: not one that is to go out of use. */
  #mayLeave(pfn: Pfn): boolean {
    return !this.#host.frames.isLeaving(this.domain.model.machineFrame(pfn));
  }

  /** The one node that the taker's memory is asked for on, where the owner can tell nodes apart; else null. */
  #wanted({ affinity }: Domain): number | null {
    const nodes = affinity?.spec.nodes ?? [];
    return nodes.length === 1 && visibleNodes(this.domain).how !== 'not at all' ? nodes[0] : null;
  }

  /** Guest frames of a run that is free in the owner's kernel, on the node asked for where the owner sees one there. */
  #findRun(order: number, taker: Domain, below: number): Pfn[] | null {
    const { domain } = this;
    const node = this.#wanted(taker);
    const free = domain.free.copy().filter((pfn) => domain.model.machineFrame(pfn) < below && this.#mayLeave(pfn));
    if (node === null) return findRun(domain, free, order);
    const nodes = visibleNodes(domain);
    const near = free.filter((pfn) => nodes.nodeOf(pfn) === node);
    return findRun(domain, near, order) ?? findRun(domain, free, order);
  }

  /** Gives up frames that the owner's kernel has taken; the first machine frame once they are out of the heap. */
  #handOver(pfns: readonly Pfn[], order: number, { id }: Domain): Mfn {
    const { domain } = this;
    const mfns = pfns.map((pfn) => domain.model.machineFrame(pfn));
    if (domain.model.id === 'p2m') domain.account.charge(Mechanism.populate, Event.guestP2mLookup, pfns.length);
    for (const [index, pfn] of pfns.entries()) {
      this.#operations.name(id);
      if (!isFinding(domain.balloon.release(pfn, true))) continue;
      for (const kept of pfns.slice(index + 1)) domain.free.giveBack(kept);
      return asMfn(NO_FRAME);
    }
    const first = asMfn(mfns.reduce((lowest, mfn) => Math.min(lowest, mfn), Infinity));
    return this.#host.heap.allocateAt(first, order) ? first : asMfn(NO_FRAME);
  }
}
