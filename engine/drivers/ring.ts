import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** A request or a response: the request's number, the grant that it is about, and the stamp of the contents that it is to have. */
export interface RingSlot {
  readonly id: number;
  readonly reference: number;
  readonly stamp: number;
}

/** The shared part of a ring: what is published, and from where on a side wants to be told. */
interface SharedRing {
  readonly slots: RingSlot[];
  requestsProduced: number;
  requestEvent: number;
  responsesProduced: number;
  responseEvent: number;
}

/** Bytes at the start of a ring page, before its slots (Xen's io/ring.h). */
const HEADER_BYTES = 64;

/** Slots of a ring of one page: as many as fit, down to a power of two. */
export const ringSlots = (pageBytes: number, slotBytes: number): number =>
  2 ** Math.floor(Math.log2((pageBytes - HEADER_BYTES) / slotBytes));

/** Distance of two indices that count up for ever, in 32 bits. */
const distance = (from: number, to: number): number => (to - from) >>> 0;

/** Whether the index `event` is among those from `before` to `after` − 1: only then does the other side want to be told. */
const reached = (before: number, after: number, event: number): boolean =>
  distance(event, after) < distance(before, after);

/**
 * A ring of requests and responses in one page that two domains share, as Xen's io/ring.h has it. Indices count up for ever; a slot
 * serves a request and then the response to one. A side that has nothing left to do sets its event index to the next thing that it
 * waits for, and looks once more; the other side tells it only when its publishing passes that index.
 */
export class Ring implements Checkpointed {
  readonly size: number;
  readonly #shared: SharedRing;
  /** Private to the frontend. */
  #requestsPut: number;
  #responsesTaken: number;
  /** Private to the backend. */
  #responsesPut: number;
  #requestsTaken: number;

  /** `size` is a power of two; `start` is where the indices begin. */
  constructor(size: number, start = 0) {
    this.size = size;
    this.#shared = {
      slots: Array.from({ length: size }, () => ({ id: 0, reference: 0, stamp: 0 })),
      requestsProduced: start,
      requestEvent: (start + 1) >>> 0,
      responsesProduced: start,
      responseEvent: (start + 1) >>> 0,
    };
    this.#requestsPut = start;
    this.#responsesTaken = start;
    this.#responsesPut = start;
    this.#requestsTaken = start;
  }

  /** Requests that the frontend can still put before it has taken responses. */
  get freeSlots(): number {
    return this.size - distance(this.#responsesTaken, this.#requestsPut);
  }

  /** Frontend: puts a request that is not published yet. The ring is not full. */
  putRequest(slot: RingSlot): void {
    if (this.freeSlots === 0) throw new Error('a request is put on a full ring');
    this.#shared.slots[this.#requestsPut % this.size] = slot;
    this.#requestsPut = (this.#requestsPut + 1) >>> 0;
  }

  /** Frontend: publishes its requests. Whether the backend has to be told. */
  pushRequests(): boolean {
    const before = this.#shared.requestsProduced;
    this.#shared.requestsProduced = this.#requestsPut;
    return reached(before, this.#requestsPut, this.#shared.requestEvent);
  }

  /** Backend: the next published request; null when there is none, and then the backend has asked to be told of the next. */
  takeRequest(): RingSlot | null {
    const shared = this.#shared;
    if (this.#requestsTaken === shared.requestsProduced) shared.requestEvent = (this.#requestsTaken + 1) >>> 0;
    if (this.#requestsTaken === shared.requestsProduced) return null;
    const slot = shared.slots[this.#requestsTaken % this.size];
    this.#requestsTaken = (this.#requestsTaken + 1) >>> 0;
    return slot;
  }

  /** Backend: puts the response to a request that it has taken. */
  putResponse(slot: RingSlot): void {
    if (this.#responsesPut === this.#requestsTaken) throw new Error('a response is put without a request');
    this.#shared.slots[this.#responsesPut % this.size] = slot;
    this.#responsesPut = (this.#responsesPut + 1) >>> 0;
  }

  /** Backend: publishes its responses. Whether the frontend has to be told. */
  pushResponses(): boolean {
    const before = this.#shared.responsesProduced;
    this.#shared.responsesProduced = this.#responsesPut;
    return reached(before, this.#responsesPut, this.#shared.responseEvent);
  }

  /** Frontend: the next published response; null when there is none, and then the frontend has asked to be told of the next. */
  takeResponse(): RingSlot | null {
    const shared = this.#shared;
    if (this.#responsesTaken === shared.responsesProduced) shared.responseEvent = (this.#responsesTaken + 1) >>> 0;
    if (this.#responsesTaken === shared.responsesProduced) return null;
    const slot = shared.slots[this.#responsesTaken % this.size];
    this.#responsesTaken = (this.#responsesTaken + 1) >>> 0;
    return slot;
  }

  checkpoint(archive: Archive): void {
    const shared = this.#shared;
    const { slots } = shared;
    const names = ['id', 'reference', 'stamp'] as const;
    const [ids, references, stamps] = names.map((name) =>
      archive.numbers(
        name,
        slots.map((slot) => slot[name]),
      ),
    );
    ids.forEach((id, index) => {
      slots[index] = { id, reference: references[index], stamp: stamps[index] };
    });
    shared.requestsProduced = archive.value('requestsProduced', shared.requestsProduced);
    shared.requestEvent = archive.value('requestEvent', shared.requestEvent);
    shared.responsesProduced = archive.value('responsesProduced', shared.responsesProduced);
    shared.responseEvent = archive.value('responseEvent', shared.responseEvent);
    this.#requestsPut = archive.value('requestsPut', this.#requestsPut);
    this.#responsesTaken = archive.value('responsesTaken', this.#responsesTaken);
    this.#responsesPut = archive.value('responsesPut', this.#responsesPut);
    this.#requestsTaken = archive.value('requestsTaken', this.#requestsTaken);
  }
}
