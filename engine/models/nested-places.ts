import type { Archive } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';
import type { SecondStage } from '../paging/second-stage.js';
import type { ForeignPlaces } from './foreign-window.js';

/** Guest frames above a domain's own memory at which its second stage has frames of others, with the right that was given. */
export class NestedPlaces implements ForeignPlaces {
  readonly #stage: SecondStage;
  readonly #account: Account;
  readonly #entered = new Set<Pfn>();
  readonly #writable = new Set<Pfn>();
  #returned: Pfn[] = [];
  #next: number;

  /** `first`: a guest frame number above all memory that the domain could own. */
  constructor(stage: SecondStage, first: number, account: Account) {
    this.#stage = stage;
    this.#account = account;
    this.#next = first;
  }

  enter(mfn: Mfn, writable: boolean): Pfn | null {
    const pfn = this.#returned.at(-1) ?? asPfn(this.#next);
    if (!this.#stage.enterForeign(pfn, mfn, writable)) return null;
    this.#account.charge(Mechanism.foreignMap, Event.secondStageStore);
    if (this.#returned.length > 0) this.#returned.pop();
    else this.#next += 1;
    this.#entered.add(pfn);
    if (writable) this.#writable.add(pfn);
    return pfn;
  }

  machineFrame(frame: number): Mfn {
    return asMfn(this.#entered.has(asPfn(frame)) ? this.#stage.machineFrame(frame) : NO_FRAME);
  }

  mayWrite(frame: number): boolean {
    return this.#writable.has(asPfn(frame));
  }

  forEach(visit: (pfn: Pfn, mfn: Mfn, writable: boolean) => void): void {
    for (const pfn of this.#entered) visit(pfn, this.machineFrame(pfn), this.mayWrite(pfn));
  }

  remove(pfn: Pfn): Mfn {
    const mfn = this.machineFrame(pfn);
    this.#stage.takeOut(pfn);
    this.#account.charge(Mechanism.foreignMap, Event.secondStageStore);
    this.#entered.delete(pfn);
    this.#writable.delete(pfn);
    this.#returned.push(pfn);
    return mfn;
  }

  checkpoint(archive: Archive): void {
    archive.set('entered', this.#entered);
    archive.set('writable', this.#writable);
    this.#returned = archive.numbers('returned', this.#returned);
    this.#next = archive.value('next', this.#next);
  }
}
