import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { Event, Mechanism } from '../host/events.js';

/** One end of an event channel. */
export interface ChannelEnd {
  readonly domain: Domain;
  /** What runs when an event is delivered here. */
  handler: () => void;
  pending: boolean;
  masked: boolean;
}

const endOf = (domain: Domain): ChannelEnd => ({ domain, handler: () => {}, pending: false, masked: false });

/**
 * An interdomain event channel. A notification is a hypercall that sets the other end's pending bit. It is delivered once: while the
 * bit is set, or the end is masked, further notifications add nothing.
 */
export class EventChannel implements Checkpointed {
  readonly #ends: readonly [ChannelEnd, ChannelEnd];

  constructor(first: Domain, second: Domain) {
    this.#ends = [endOf(first), endOf(second)];
  }

  /** The end of the first domain, or of the second. */
  end(index: 0 | 1): ChannelEnd {
    return this.#ends[index];
  }

  /** The domain at this end tells the other one. */
  notify(from: 0 | 1): void {
    this.#ends[from].domain.account.charge(Mechanism.rings, Event.notification);
    const other = this.#ends[1 - from];
    if (other.pending) return;
    other.pending = true;
    this.#deliver(other);
  }

  /** Lets events through again; one that waited is delivered. */
  unmask(index: 0 | 1): void {
    const end = this.#ends[index];
    end.masked = false;
    if (end.pending) this.#deliver(end);
  }

  checkpoint(archive: Archive): void {
    for (const [index, end] of this.#ends.entries()) {
      end.pending = archive.value(`pending ${index}`, end.pending);
      end.masked = archive.value(`masked ${index}`, end.masked);
    }
  }

  #deliver(end: ChannelEnd): void {
    if (end.masked) return;
    end.pending = false;
    end.domain.account.charge(Mechanism.rings, Event.upcall);
    end.handler();
  }
}
