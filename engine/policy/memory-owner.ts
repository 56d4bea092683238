import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import { visibleNodes } from '../numa/visible-nodes.js';

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
export class MemoryOwner {
  readonly domain: Domain;
  readonly rules: OwnerRules;
  readonly #host: Host;

  constructor(domain: Domain, rules: OwnerRules) {
    this.domain = domain;
    this.rules = rules;
    this.#host = domain.host;
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
    return this.#findRun(order, taker) === null ? 0 : order;
  }

  /** The owner gives up 2^order frames of its choice; `NO_FRAME` when it has no such chunk. They are out of the heap. */
  allocate(order: number, taker: Domain): Mfn {
    if (this.spareFrames < 2 ** order) return asMfn(NO_FRAME);
    if (order === 0) {
      const node = this.#wanted(taker);
      const nodes = visibleNodes(this.domain);
      const near = node === null ? null : this.domain.free.takeThat((pfn) => nodes.nodeOf(pfn) === node);
      return this.#handOver([near ?? this.domain.free.take()!], 0);
    }
    const run = this.#findRun(order, taker);
    if (run === null) return asMfn(NO_FRAME);
    const chosen = new Set(run);
    this.domain.free.takeAll((pfn) => chosen.has(pfn));
    return this.#handOver(run, order);
  }

  /** The owner gives up these very frames; false when one of them is not free in its kernel. */
  allocateAt(first: Mfn, order: number): boolean {
    const { frames } = this.#host;
    if (this.spareFrames < 2 ** order) return false;
    const mfns = Array.from({ length: 2 ** order }, (_, offset) => asMfn(first + offset));
    if (!mfns.every((mfn) => frames.owner(mfn) === this.domain.id)) return false;
    const pfns = mfns.map((mfn) => frames.guestFrame(mfn));
    const wanted = new Set(pfns);
    const taken = this.domain.free.takeAll((pfn) => wanted.has(pfn));
    if (taken.length < pfns.length) {
      for (const pfn of taken) this.domain.free.giveBack(pfn);
      return false;
    }
    if (!this.domain.model.showsMachineFrames)
      this.domain.account.charge(Mechanism.populate, Event.p2mLookup, pfns.length);
    return this.#handOver(pfns, order) === first;
  }

  /**
   * A domain has asked the hypervisor for memory, and that is not for the hypervisor to decide: the request goes to the owner over a
   * ring, with an event, and the answer comes back the same way.
   */
  ask(asker: Domain): void {
    const charge = (domain: Domain, event: number, count = 1): void =>
      domain.account.charge(Mechanism.rings, event, count);
    charge(asker, Event.ringEntry, 2);
    charge(this.domain, Event.upcall);
    charge(this.domain, Event.ringEntry, 2);
    charge(this.domain, Event.notification);
    charge(asker, Event.upcall);
  }

  /** The owner takes back what others have left: P==M the frames that it gave, the others any. How many came. */
  takeBack(): number {
    let came = 0;
    for (const pfn of this.domain.balloon.frames) {
      if (!this.mayTake(1)) break;
      if (this.domain.balloon.in(pfn) === null) came += 1;
    }
    return came;
  }

  /** The one node that the taker's memory is asked for on, where the owner can tell nodes apart; else null. */
  #wanted({ affinity }: Domain): number | null {
    const nodes = affinity?.spec.nodes ?? [];
    return nodes.length === 1 && visibleNodes(this.domain).how !== 'not at all' ? nodes[0] : null;
  }

  /** Guest frames of an aligned run that is free in the owner's kernel, on the node asked for where the owner sees one there. */
  #findRun(order: number, taker: Domain): Pfn[] | null {
    const { domain } = this;
    const node = this.#wanted(taker);
    const free = domain.free.copy();
    if (node === null) return this.#firstRun(free, order);
    const nodes = visibleNodes(domain);
    const near = free.filter((pfn) => nodes.nodeOf(pfn) === node);
    return this.#firstRun(near, order) ?? this.#firstRun(free, order);
  }

  #firstRun(free: readonly Pfn[], order: number): Pfn[] | null {
    const { model } = this.domain;
    const { frames } = this.#host;
    const byMachine = model.showsMachineFrames;
    const size = 2 ** order;
    const isRun = (pfn: Pfn): boolean => {
      const first = model.machineFrame(pfn);
      if (first % size !== 0) return false;
      for (let offset = 1; offset < size; offset += 1) {
        if (model.machineFrame(asPfn(pfn + offset)) !== ((first + offset) as Mfn)) return false;
      }
      return true;
    };
    if (!byMachine && !free.some((pfn) => pfn % size === 0 && isRun(pfn))) return null;
    const numbers = Int32Array.from(byMachine ? free.map((pfn) => model.machineFrame(pfn)) : free).sort();
    for (let at = 0; at + size <= numbers.length; at += 1) {
      const first = numbers[at];
      if (first % size !== 0 || numbers[at + size - 1] !== first + size - 1) continue;
      if (!byMachine && !isRun(asPfn(first))) continue;
      return Array.from({ length: size }, (_, offset) =>
        byMachine ? frames.guestFrame(asMfn(first + offset)) : asPfn(first + offset),
      );
    }
    return null;
  }

  /** Gives up frames that the owner's kernel has taken; the first machine frame once they are out of the heap. */
  #handOver(pfns: readonly Pfn[], order: number): Mfn {
    const { domain } = this;
    const mfns = pfns.map((pfn) => domain.model.machineFrame(pfn));
    if (domain.model.id === 'p2m') domain.account.charge(Mechanism.populate, Event.guestP2mLookup, pfns.length);
    for (const [index, pfn] of pfns.entries()) {
      if (!isFinding(domain.balloon.release(pfn))) continue;
      for (const kept of pfns.slice(index + 1)) domain.free.giveBack(kept);
      return asMfn(NO_FRAME);
    }
    const first = asMfn(mfns.reduce((lowest, mfn) => Math.min(lowest, mfn), Infinity));
    return this.#host.heap.allocateAt(first, order) ? first : asMfn(NO_FRAME);
  }
}
