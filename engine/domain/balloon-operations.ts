import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import type { Account } from '../host/ledger.js';

/** Frames that one memory operation of a balloon driver names: a page of frame numbers (Linux, `drivers/xen/balloon.c`). */
const FRAMES_AN_OPERATION = 512;

/** The memory operations of a balloon driver: one names as many frames as fit for one and the same purpose, and ends where one is refused. */
export class BalloonOperations implements Checkpointed {
  readonly #account: Account;
  readonly #largest: number;
  /** Frames that the operation under way can still name, and the domain that they are for. */
  #left = 0;
  #purpose = 0;

  /** `largest`: frames that one operation names at most. */
  constructor(account: Account, largest = FRAMES_AN_OPERATION) {
    this.#account = account;
    this.#largest = largest;
  }

  /** One more frame is named, for a domain: by the operation under way or by a new one. */
  name(purpose: number): void {
    if (this.#left === 0 || this.#purpose !== purpose) {
      this.#account.charge(Mechanism.populate, Event.memoryOperation);
      this.#left = this.#largest;
      this.#purpose = purpose;
    }
    this.#left -= 1;
  }

  /** What is named next is named by another operation. */
  end(): void {
    this.#left = 0;
  }

  checkpoint(archive: Archive): void {
    this.#left = archive.value('left', this.#left);
    this.#purpose = archive.value('purpose', this.#purpose);
  }
}
