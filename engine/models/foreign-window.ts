import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import type { ForeignWay } from './model.js';

/** Guest frame numbers outside a domain's own memory, at which the hypervisor enters frames of others. */
export class ForeignWindow implements Checkpointed {
  readonly #entered = new Map<Pfn, Mfn>();
  #returned: Pfn[] = [];
  #next: number;

  /** `first`: a guest frame number above all memory that the domain could own. */
  constructor(first: number) {
    this.#next = first;
  }

  /** Enters the frame at a free guest frame number. */
  enter(mfn: Mfn): Pfn {
    const pfn = this.#returned.pop() ?? asPfn(this.#next++);
    this.#entered.set(pfn, mfn);
    return pfn;
  }

  machineFrame(frame: number): Mfn {
    return this.#entered.get(asPfn(frame)) ?? asMfn(NO_FRAME);
  }

  /** Calls back with each frame that is entered. */
  forEach(visit: (pfn: Pfn, mfn: Mfn) => void): void {
    for (const [pfn, mfn] of this.#entered) visit(pfn, mfn);
  }

  /** Takes out what was entered and returns its machine frame. */
  remove(pfn: Pfn): Mfn {
    const mfn = this.machineFrame(pfn);
    this.#entered.delete(pfn);
    this.#returned.push(pfn);
    return mfn;
  }

  checkpoint(archive: Archive): void {
    archive.map('entered', this.#entered);
    this.#returned = archive.numbers('returned', this.#returned);
    this.#next = archive.value('next', this.#next);
  }
}

/** Enters frames of others, for the privileged command driver of Xen/ia64 by one hypercall a page. All or nothing. */
export const enterThroughWindow = (
  domain: Domain,
  window: ForeignWindow,
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
    domain.account.charge(Mechanism.foreignMap, Event.foreignEnter);
    const pfn = window.enter(mfn);
    domain.host.dma.foreignAt(domain, pfn, mfn, writable);
    entered.push(pfn);
  }
  return entered;
};

/** Takes them out again, in the same way. */
export const removeThroughWindow = (
  domain: Domain,
  window: ForeignWindow,
  frames: readonly number[],
  writable: boolean,
  way: ForeignWay,
): void => {
  for (const frame of frames) {
    if (way === 'privileged') domain.account.charge(Mechanism.foreignMap, Event.hypercall);
    domain.account.charge(Mechanism.foreignMap, Event.foreignRemove);
    domain.foreign.remove(window.remove(asPfn(frame)), writable, way);
    domain.host.dma.foreignAt(domain, asPfn(frame), asMfn(NO_FRAME), writable);
  }
};
