import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import type { ForeignWay } from './model.js';

/** Where a domain's entries find frames of others that it was given. */
export interface ForeignPlaces extends Checkpointed {
  /** The frame number for an entry that means the frame, once the right to it is held; null where there is no room. */
  enter(mfn: Mfn, writable: boolean): Pfn | null;
  /** The machine frame that was entered under this number, or `NO_FRAME`. */
  machineFrame(frame: number): Mfn;
  /** Whether what was entered under this number may be written there. */
  mayWrite(frame: number): boolean;
  /** Takes out what was entered and returns its machine frame. */
  remove(pfn: Pfn): Mfn;
  /** Calls back with each frame that is entered, and whether it may be written there. */
  forEach(visit: (pfn: Pfn, mfn: Mfn, writable: boolean) => void): void;
}

/** For entries that the MMU walks itself: a frame of another has its own number. */
export const placesAtOwnNumbers = ({ foreign }: Domain): ForeignPlaces => ({
  enter: (mfn) => asPfn(mfn),
  machineFrame: (frame) => asMfn(foreign.has(asMfn(frame)) ? frame : NO_FRAME),
  mayWrite: (frame) => foreign.canWrite(asMfn(frame)),
  remove: (pfn) => asMfn(pfn),
  forEach: (visit) => foreign.forEach((mfn) => visit(asPfn(mfn), mfn, foreign.canWrite(mfn))),
  checkpoint() {},
});

/** Guest frame numbers outside a domain's own memory, at which the hypervisor enters frames of others. */
export class ForeignWindow implements ForeignPlaces {
  readonly #entered = new Map<Pfn, Mfn>();
  readonly #writable = new Set<Pfn>();
  #returned: Pfn[] = [];
  #next: number;

  /** `first`: a guest frame number above all memory that the domain could own. */
  constructor(first: number) {
    this.#next = first;
  }

  enter(mfn: Mfn, writable: boolean): Pfn {
    const pfn = this.#returned.pop() ?? asPfn(this.#next++);
    this.#entered.set(pfn, mfn);
    if (writable) this.#writable.add(pfn);
    return pfn;
  }

  machineFrame(frame: number): Mfn {
    return this.#entered.get(asPfn(frame)) ?? asMfn(NO_FRAME);
  }

  mayWrite(frame: number): boolean {
    return this.#writable.has(asPfn(frame));
  }

  forEach(visit: (pfn: Pfn, mfn: Mfn, writable: boolean) => void): void {
    for (const [pfn, mfn] of this.#entered) visit(pfn, mfn, this.mayWrite(pfn));
  }

  remove(pfn: Pfn): Mfn {
    const mfn = this.machineFrame(pfn);
    this.#entered.delete(pfn);
    this.#writable.delete(pfn);
    this.#returned.push(pfn);
    return mfn;
  }

  checkpoint(archive: Archive): void {
    archive.map('entered', this.#entered);
    archive.set('writable', this.#writable);
    this.#returned = archive.numbers('returned', this.#returned);
    this.#next = archive.value('next', this.#next);
  }
}

/** Enters frames of others, for the privileged command driver of Xen/ia64 by one hypercall a page. All or nothing. */
export const enterThroughWindow = (
  domain: Domain,
  window: ForeignPlaces,
  mfns: readonly Mfn[],
  writable: boolean,
  way: ForeignWay,
  model: string,
): Pfn[] | Finding => {
  const entered: Pfn[] = [];
  for (const mfn of mfns) {
    if (way === 'privileged') domain.account.charge(Mechanism.foreignMap, Event.hypercall);
    const refusal = domain.foreign.enter(mfn, writable, way);
    if (refusal !== null) {
      removeThroughWindow(domain, window, entered, writable, way);
      return { operation: 'map foreign', model, rule: 'one-type', detail: refusal };
    }
    const pfn = window.enter(mfn, writable);
    if (pfn === null) {
      domain.foreign.remove(mfn, writable, way);
      removeThroughWindow(domain, window, entered, writable, way);
      const detail = `the pool of ${domain.name} has no page for a table`;
      return { operation: 'map foreign', model, rule: 'pool-has-room', detail };
    }
    domain.account.charge(Mechanism.foreignMap, Event.foreignEnter);
    domain.host.dma.foreignAt(domain, pfn, mfn, window.mayWrite(pfn));
    entered.push(pfn);
  }
  return entered;
};

/** Takes them out again, in the same way. */
export const removeThroughWindow = (
  domain: Domain,
  window: ForeignPlaces,
  frames: readonly number[],
  writable: boolean,
  way: ForeignWay,
): void => {
  for (const frame of frames) {
    if (way === 'privileged') domain.account.charge(Mechanism.foreignMap, Event.hypercall);
    domain.account.charge(Mechanism.foreignMap, Event.foreignRemove);
    domain.foreign.remove(window.remove(asPfn(frame)), writable, way);
    // A place that stands for several mappings stays while one of them does.
    domain.host.dma.foreignAt(domain, asPfn(frame), window.machineFrame(frame), window.mayWrite(frame));
  }
};
