import type { Wire } from '../devices/wire.js';
import type { RateLimiter } from './rate-limiter.js';

/** What a transfer goes through. Times in nanoseconds. */
export interface TransferPath {
  readonly wire: Wire;
  readonly latencyNs: number;
  readonly pageBytes: number;
  /** Pages that fit between the sender and the wire, and between the wire and the receiver. */
  readonly bufferPages: number;
  /** Holds the sender back, where the tool has one. */
  readonly limiter: RateLimiter | null;
  /** Whether one thread maps, canonicalises and sends, one after the other, so that only the wire and the receiver work beside it. */
  readonly isOneThread: boolean;
}

/**
 * When each stage of a transfer is busy: mapping (a batch at a time, one batch ahead), canonicalising, sending, the
 * wire, and receiving (a page at a time). A stage starts when its input is there and it is done with what came before,
 * the sender waits while the socket buffer is full, and the wire while the receiver's is; so the slowest stage sets the pace.
 */
export class TransferPipeline {
  readonly #path: TransferPath;
  readonly #onWire: Float64Array;
  /** When the receiver was done with each of the last pages. */
  readonly #received: Float64Array;
  #pages = 0;
  #mapFreeNs: number;
  #canonicaliseFreeNs: number;
  #sendFreeNs: number;
  #throughNs: number;
  #receiveFreeNs: number;

  constructor(path: TransferPath, startNs: number) {
    this.#path = path;
    this.#onWire = new Float64Array(path.bufferPages);
    this.#received = new Float64Array(path.bufferPages);
    this.#mapFreeNs = startNs;
    this.#canonicaliseFreeNs = startNs;
    this.#sendFreeNs = startNs;
    this.#throughNs = startNs;
    this.#receiveFreeNs = startNs;
  }

  /** When the mapping stage can begin with the next batch. */
  get mapStartNs(): number {
    return this.#mapFreeNs;
  }

  /** When the sender has handed over the last page. */
  get sentNs(): number {
    return Math.max(this.#sendFreeNs, this.#mapFreeNs);
  }

  /** When the receiver has put the last page in place. */
  get receivedNs(): number {
    return this.#receiveFreeNs;
  }

  /** When the wire failed or will fail, as far as is known; Infinity otherwise. */
  get downNs(): number {
    return this.#path.wire.downNs;
  }

  /** Whether the wire failed before the receiver had the last page and the word that it was the last. */
  get isDown(): boolean {
    return this.downNs <= Math.max(this.sentNs, this.receivedNs);
  }

  /** The mapping stage worked this long, from no earlier than `fromNs`. Returns when it was done. */
  mapping(serviceNs: number, fromNs = 0): number {
    this.#mapFreeNs = Math.max(this.#mapFreeNs, fromNs) + serviceNs;
    if (this.#path.isOneThread) this.holdUntil(this.#mapFreeNs);
    return this.#mapFreeNs;
  }

  /** When the next page of a batch that was mapped at `mappedNs` is read. */
  readStartNs(mappedNs: number): number {
    const slotFreeNs = this.#onWire[this.#pages % this.#path.bufferPages];
    return Math.max(this.#canonicaliseFreeNs, mappedNs, slotFreeNs);
  }

  /** The page that was read at `readNs` is canonicalised and handed over; false when it is lost, since the wire failed. */
  page(readNs: number, service: { canonicaliseNs: number; sendNs: number }): boolean {
    const { wire, pageBytes, bufferPages, limiter, latencyNs, isOneThread } = this.#path;
    this.#canonicaliseFreeNs = readNs + service.canonicaliseNs;
    const readyNs = Math.max(this.#canonicaliseFreeNs, this.#sendFreeNs);
    const allowedNs = limiter === null ? readyNs : limiter.whenAllowed(pageBytes, readyNs);
    this.#sendFreeNs = allowedNs + service.sendNs;
    if (isOneThread) this.holdUntil(this.#sendFreeNs);
    const slot = this.#pages % bufferPages;
    const windowNs = this.#pages < bufferPages ? 0 : this.#received[slot] + latencyNs;
    const throughNs = wire.carry(pageBytes, Math.max(this.#sendFreeNs, windowNs));
    if (throughNs === Infinity) return false;
    this.#onWire[slot] = throughNs;
    this.#pages += 1;
    this.#throughNs = throughNs;
    return true;
  }

  /** The receiver worked this long on the page that came through last. */
  received(serviceNs: number): void {
    const { latencyNs, bufferPages } = this.#path;
    this.#receiveFreeNs = Math.max(this.#throughNs + latencyNs, this.#receiveFreeNs) + serviceNs;
    this.#received[(this.#pages - 1) % bufferPages] = this.#receiveFreeNs;
  }

  /** The receiver worked this long after the last page. */
  receiving(serviceNs: number): void {
    this.#receiveFreeNs += serviceNs;
  }

  /** Nothing at the sending side starts before this moment. */
  holdUntil(ns: number): void {
    this.#mapFreeNs = Math.max(this.#mapFreeNs, ns);
    this.#canonicaliseFreeNs = Math.max(this.#canonicaliseFreeNs, ns);
    this.#sendFreeNs = Math.max(this.#sendFreeNs, ns);
  }
}
