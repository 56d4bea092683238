/** Sizes and speeds of a transfer. Times in nanoseconds. */
export interface TransferSpeeds {
  /** Time of one page on the wire. */
  readonly pageNs: number;
  readonly latencyNs: number;
  /** Pages that fit between the sender and the wire. */
  readonly bufferPages: number;
}

/**
 * When each stage of a transfer is busy: mapping (a batch at a time, one batch ahead), canonicalising, sending, the
 * wire, and receiving (a page at a time). A stage starts when its input is there and it is done with what came before,
 * and the sender waits while the socket buffer is full; so the slowest stage sets the pace.
 */
export class TransferPipeline {
  readonly #speeds: TransferSpeeds;
  readonly #onWire: Float64Array;
  #pages = 0;
  #mapFreeNs: number;
  #canonicaliseFreeNs: number;
  #sendFreeNs: number;
  #wireFreeNs: number;
  #receiveFreeNs: number;

  constructor(speeds: TransferSpeeds, startNs: number) {
    this.#speeds = speeds;
    this.#onWire = new Float64Array(speeds.bufferPages);
    this.#mapFreeNs = startNs;
    this.#canonicaliseFreeNs = startNs;
    this.#sendFreeNs = startNs;
    this.#wireFreeNs = startNs;
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

  /** The mapping stage worked this long, from no earlier than `fromNs`. Returns when it was done. */
  mapping(serviceNs: number, fromNs = 0): number {
    this.#mapFreeNs = Math.max(this.#mapFreeNs, fromNs) + serviceNs;
    return this.#mapFreeNs;
  }

  /** When the next page of a batch that was mapped at `mappedNs` is read. */
  readStartNs(mappedNs: number): number {
    const slotFreeNs = this.#onWire[this.#pages % this.#speeds.bufferPages];
    return Math.max(this.#canonicaliseFreeNs, mappedNs, slotFreeNs);
  }

  /** Passes the page that was read at `readNs` through the stages behind mapping. */
  page(readNs: number, service: { canonicaliseNs: number; sendNs: number; receiveNs: number }): void {
    const { pageNs, latencyNs, bufferPages } = this.#speeds;
    this.#canonicaliseFreeNs = readNs + service.canonicaliseNs;
    this.#sendFreeNs = Math.max(this.#canonicaliseFreeNs, this.#sendFreeNs) + service.sendNs;
    this.#wireFreeNs = Math.max(this.#sendFreeNs, this.#wireFreeNs) + pageNs;
    this.#onWire[this.#pages % bufferPages] = this.#wireFreeNs;
    this.#pages += 1;
    this.#receiveFreeNs = Math.max(this.#wireFreeNs + latencyNs, this.#receiveFreeNs) + service.receiveNs;
  }

  /** The receiver worked this long after the last page. */
  receiving(serviceNs: number): void {
    this.#receiveFreeNs += serviceNs;
  }

  /** Nothing at the sending side starts before this moment: a round begins. */
  holdUntil(ns: number): void {
    this.#mapFreeNs = Math.max(this.#mapFreeNs, ns);
    this.#canonicaliseFreeNs = Math.max(this.#canonicaliseFreeNs, ns);
    this.#sendFreeNs = Math.max(this.#sendFreeNs, ns);
  }
}
