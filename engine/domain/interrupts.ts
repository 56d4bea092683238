import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import type { Domain } from './domain.js';

/** Interrupts that come by themselves, at equal distances of the domain's own time. */
export interface InterruptSource {
  readonly periodNs: number;
  /** From the start of the source to its first interrupt. */
  readonly firstNs: number;
  /** The hypervisor takes every interrupt, and hands that of a guest's timer on as an event. */
  readonly reaches: 'guest' | 'hypervisor';
}

/**
 * Interrupts of a processor that one domain has to itself. Time is what the domain was charged, and what it did beside that. One that comes
 * due while the hypervisor works through a list for the guest ends the hypercall at the next place where it looks for
 * interrupts (`hypercall_preempt_check` of Xen), and the guest goes in again for the rest: the hypercall is charged anew. A guest's timer is an
 * upcall, and a return from it: by a hypercall under P2M, where the kernel has lost its ring. While a hypercall is under
 * way the guest has its interrupts off; a timer that came meanwhile, however often, is one upcall then, since Linux sets it again only when it is served.
 */
export class Interrupts implements Checkpointed {
  readonly sources: readonly InterruptSource[];
  readonly #domain: Domain;
  /** When each source comes next. */
  readonly #dueNs: Float64Array;
  #earliestNs: number;
  #ownNs = 0;
  #isHeldBack = false;
  #enter: (() => void) | null = null;

  constructor(domain: Domain, sources: readonly InterruptSource[]) {
    for (const { periodNs } of sources) {
      if (!(periodNs > 0)) throw new RangeError(`interrupts ${periodNs} ns apart`);
    }
    this.sources = sources;
    this.#domain = domain;
    this.#dueNs = Float64Array.from(sources, ({ firstNs }) => domain.account.cpuNs + firstNs);
    this.#earliestNs = Math.min(...this.#dueNs);
  }

  /** The domain's own time. */
  get nowNs(): number {
    return this.#domain.account.cpuNs + this.#ownNs;
  }

  /** Time goes by in work of the guest that no event stands for. */
  work(ns: number): void {
    this.#ownNs += ns;
    this.poll();
  }

  /** The guest makes a hypercall that the hypervisor may leave before it is done: `enter` charges it. */
  hypercall<T>(enter: () => void, work: () => T): T {
    this.poll();
    this.#enter = enter;
    enter();
    const result = work();
    this.#holdBack();
    this.#enter = null;
    this.poll();
    return result;
  }

  /** The hypervisor looks whether to leave the hypercall. */
  preemptionPoint(): void {
    if (this.#enter === null || this.nowNs < this.#earliestNs) return;
    this.#holdBack();
    this.#enter();
  }

  /** The guest has its interrupts on: what came due is served. */
  poll(): void {
    if (this.#isHeldBack) this.#upcall();
    this.#isHeldBack = false;
    for (let source = this.#next(); source !== null; source = this.#next()) {
      if (source.reaches === 'guest') this.#upcall();
    }
  }

  checkpoint(archive: Archive): void {
    if (this.#enter !== null) throw new Error('a checkpoint within a hypercall');
    archive.view('dueNs', this.#dueNs);
    this.#earliestNs = archive.value('earliestNs', this.#earliestNs);
    this.#ownNs = archive.value('ownNs', this.#ownNs);
    this.#isHeldBack = archive.value('isHeldBack', this.#isHeldBack);
  }

  #holdBack(): void {
    for (let source = this.#next(); source !== null; source = this.#next()) {
      this.#isHeldBack ||= source.reaches === 'guest';
    }
  }

  /** The source whose interrupt came due first, which is taken; null when there is none. */
  #next(): InterruptSource | null {
    if (this.nowNs < this.#earliestNs) return null;
    const index = this.#dueNs.indexOf(this.#earliestNs);
    this.#dueNs[index] += this.sources[index].periodNs;
    this.#earliestNs = Math.min(...this.#dueNs);
    return this.sources[index];
  }

  #upcall(): void {
    const { account, pv } = this.#domain;
    account.charge(Mechanism.work, Event.upcall);
    if (pv !== null) account.charge(Mechanism.privilege, Event.iretHypercall);
  }
}

/** A hypercall of a domain, whether it has interrupts or not. */
export const hypercall = <T>({ interrupts }: Domain, enter: () => void, work: () => T): T => {
  if (interrupts !== null) return interrupts.hypercall(enter, work);
  enter();
  return work();
};
