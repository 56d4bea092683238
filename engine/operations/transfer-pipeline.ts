import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { CriticalPaths, type Elapsed, type TransferPart } from './critical-path.js';
import { Awaited, InFlight } from './in-flight.js';
import type { TransferPath } from './transfer-path.js';

/** Moments that ways are kept for; two batches are mapped at a time; then two for each place of the buffers. */
const MAP = 0;
const CANONICALISE = 1;
const SEND = 2;
const WIRE = 3;
const RECEIVE = 4;
const BATCHES = 5;
const SLOTS = 7;

/** When a batch was mapped, and where the way to that moment is kept. */
export interface MappedBatch {
  readonly atNs: number;
  readonly moment: number;
}

/**
 * When each stage of a transfer is busy: mapping (a batch at a time, one batch ahead), canonicalising, sending, the
 * wire, and receiving (a page at a time). A stage starts when its input is there and it is done with what came before,
 * the sender waits while the socket buffer is full, and the wire while the receiver's is; so the slowest stage sets the pace.
 * Which one that was is kept for every moment.
 */
export class TransferPipeline implements Checkpointed {
  readonly #path: TransferPath;
  readonly #onWire: Float64Array;
  /** When the receiver was done with each of the last pages. */
  readonly #received: Float64Array;
  readonly #ways: CriticalPaths;
  readonly #inFlight: InFlight;
  #pages = 0;
  #batches = 0;
  #mapFreeNs: number;
  #canonicaliseFreeNs: number;
  #sendFreeNs: number;
  #throughNs: number;
  #receiveFreeNs: number;

  constructor(path: TransferPath, startNs: number) {
    this.#path = path;
    this.#onWire = new Float64Array(path.bufferPages);
    this.#received = new Float64Array(path.bufferPages);
    this.#ways = new CriticalPaths(SLOTS + 2 * path.bufferPages);
    this.#inFlight = new InFlight(path.bufferPages);
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

  /** The mapping stage worked this long. */
  mapping(serviceNs: number): MappedBatch {
    this.#mapFreeNs += serviceNs;
    this.#ways.add(MAP, 'map', serviceNs);
    if (this.#path.isOneThread) this.#startFrom(MAP, this.#mapFreeNs);
    const moment = BATCHES + (this.#batches % 2);
    this.#batches += 1;
    this.#ways.follow(moment, MAP);
    return { atNs: this.#mapFreeNs, moment };
  }

  /** The mapping stage worked this long, from no earlier than the last page was handed over. */
  unmapping(serviceNs: number): void {
    this.#ways.follow(MAP, this.#sent);
    this.#ways.add(MAP, 'map', serviceNs);
    this.#mapFreeNs = this.sentNs + serviceNs;
    if (this.#path.isOneThread) this.#startFrom(MAP, this.#mapFreeNs);
  }

  /** When the next page of a mapped batch is read. */
  readStartNs({ atNs }: MappedBatch): number {
    return Math.max(this.#canonicaliseFreeNs, atNs, this.#onWire[this.#slot]);
  }

  /**
   * The page of a mapped batch that was read at `readNs` is canonicalised and handed over; false when it is lost, since the
   * wire failed.
   */
  page(batch: MappedBatch, readNs: number, service: { canonicaliseNs: number; sendNs: number }): boolean {
    const { wire, pageBytes, bufferPages, limiter, latencyNs, isOneThread } = this.#path;
    const ways = this.#ways;
    const slot = this.#slot;
    if (readNs > this.#canonicaliseFreeNs) {
      ways.follow(CANONICALISE, readNs === batch.atNs ? batch.moment : SLOTS + slot);
    }
    this.#canonicaliseFreeNs = readNs + service.canonicaliseNs;
    ways.add(CANONICALISE, 'canonicalise', service.canonicaliseNs);
    if (this.#canonicaliseFreeNs > this.#sendFreeNs) ways.follow(SEND, CANONICALISE);
    const readyNs = Math.max(this.#canonicaliseFreeNs, this.#sendFreeNs);
    const allowedNs = limiter === null ? readyNs : limiter.whenAllowed(pageBytes, readyNs);
    this.#sendFreeNs = allowedNs + service.sendNs;
    ways.add(SEND, 'limit', allowedNs - readyNs);
    ways.add(SEND, 'send', service.sendNs);
    if (isOneThread) this.#startFrom(SEND, this.#sendFreeNs);
    const windowNs = this.#pages < bufferPages ? 0 : this.#received[slot] + latencyNs;
    const readyForWireNs = Math.max(this.#sendFreeNs, windowNs);
    const throughNs = wire.carry(pageBytes, readyForWireNs);
    if (throughNs === Infinity) return false;
    let awaited: number = Awaited.wire;
    if (readyForWireNs > this.#throughNs) {
      awaited = windowNs > this.#sendFreeNs ? Awaited.receiver : Awaited.sender;
      ways.follow(WIRE, awaited === Awaited.sender ? SEND : SLOTS + bufferPages + slot);
      if (awaited === Awaited.receiver) ways.add(WIRE, 'latency', latencyNs);
    }
    ways.add(WIRE, 'wire', throughNs - Math.max(readyForWireNs, this.#throughNs));
    ways.follow(SLOTS + slot, WIRE);
    this.#inFlight.through(awaited, windowNs, throughNs);
    this.#onWire[slot] = throughNs;
    this.#pages += 1;
    this.#throughNs = throughNs;
    return true;
  }

  /** The receiver worked this long on the page that came through last. */
  received(serviceNs: number): void {
    const { latencyNs, bufferPages } = this.#path;
    const slot = (this.#pages - 1) % bufferPages;
    const arrivedNs = this.#throughNs + latencyNs;
    const wasAwaited = arrivedNs > this.#receiveFreeNs;
    if (wasAwaited) {
      this.#ways.follow(RECEIVE, WIRE);
      this.#ways.add(RECEIVE, 'latency', latencyNs);
    }
    this.#receiveFreeNs = Math.max(arrivedNs, this.#receiveFreeNs) + serviceNs;
    this.#ways.add(RECEIVE, 'receive', serviceNs);
    this.#ways.follow(SLOTS + bufferPages + slot, RECEIVE);
    this.#inFlight.received(wasAwaited, this.#receiveFreeNs);
    this.#received[slot] = this.#receiveFreeNs;
  }

  /** The receiver worked this long after the last page. */
  receiving(serviceNs: number): void {
    this.#receiveFreeNs += serviceNs;
    this.#ways.add(RECEIVE, 'receive', serviceNs);
  }

  /** The sending side does something else for this long after the last page was handed over: nothing there starts before it is done. */
  hold(part: TransferPart, serviceNs: number): void {
    const ns = this.sentNs + serviceNs;
    this.#ways.follow(SEND, this.#sent);
    this.#ways.add(SEND, part, serviceNs);
    this.#sendFreeNs = ns;
    this.#startFrom(SEND, ns);
  }

  /**
   * How the sending side came to where it is since the last start, and a new start there or, if it rests until then, later. The ways
   * of what the wire and the receiver still have in hand are made again from there on.
   */
  restart(startNs = this.sentNs): Elapsed {
    const { latencyNs, bufferPages } = this.#path;
    const ways = this.#ways;
    const elapsed = ways.elapsed(this.#sent);
    ways.restart();
    this.#mapFreeNs = startNs;
    this.#canonicaliseFreeNs = startNs;
    this.#sendFreeNs = startNs;
    const after = (ns: number): number => Math.max(0, ns - startNs);
    this.#inFlight.forEach((page, { awaited, windowNs, throughNs, wasAwaited, receivedNs }) => {
      const slot = SLOTS + (page % bufferPages);
      if (awaited === Awaited.sender) ways.restart(WIRE);
      if (awaited === Awaited.receiver) {
        ways.follow(WIRE, slot + bufferPages);
        ways.extend(WIRE, 'latency', after(windowNs));
      }
      ways.extend(WIRE, 'wire', after(throughNs));
      ways.follow(slot, WIRE);
      if (wasAwaited) {
        ways.follow(RECEIVE, WIRE);
        ways.extend(RECEIVE, 'latency', after(throughNs + latencyNs));
      }
      ways.extend(RECEIVE, 'receive', after(receivedNs));
      ways.follow(slot + bufferPages, RECEIVE);
    });
    ways.extend(RECEIVE, 'receive', this.#receiveFreeNs - startNs);
    return elapsed;
  }

  /** When both sides are done, and how that came about since the last start. */
  finish(): { readonly atNs: number; readonly elapsed: Elapsed } {
    const atNs = Math.max(this.receivedNs, this.sentNs);
    return { atNs, elapsed: this.#ways.elapsed(this.receivedNs === atNs ? RECEIVE : this.#sent) };
  }

  checkpoint(archive: Archive): void {
    const { wire, ownsWire, limiter } = this.#path;
    if (ownsWire) archive.part('wire', wire);
    if (limiter !== null) archive.part('limiter', limiter);
    archive.view('onWire', this.#onWire);
    archive.view('received', this.#received);
    archive.part('ways', this.#ways);
    archive.part('inFlight', this.#inFlight);
    this.#pages = archive.value('pages', this.#pages);
    this.#batches = archive.value('batches', this.#batches);
    this.#mapFreeNs = archive.value('mapFreeNs', this.#mapFreeNs);
    this.#canonicaliseFreeNs = archive.value('canonicaliseFreeNs', this.#canonicaliseFreeNs);
    this.#sendFreeNs = archive.value('sendFreeNs', this.#sendFreeNs);
    this.#throughNs = archive.value('throughNs', this.#throughNs);
    this.#receiveFreeNs = archive.value('receiveFreeNs', this.#receiveFreeNs);
  }

  /** Nothing at the sending side starts before the end of one of its stages. */
  #startFrom(stage: number, ns: number): void {
    if (this.#mapFreeNs < ns) {
      this.#mapFreeNs = ns;
      this.#ways.follow(MAP, stage);
    }
    if (this.#canonicaliseFreeNs < ns) {
      this.#canonicaliseFreeNs = ns;
      this.#ways.follow(CANONICALISE, stage);
    }
    if (this.#sendFreeNs < ns) {
      this.#sendFreeNs = ns;
      this.#ways.follow(SEND, stage);
    }
  }

  /** The later of the two moments that make `sentNs`. */
  get #sent(): number {
    return this.#mapFreeNs > this.#sendFreeNs ? MAP : SEND;
  }

  get #slot(): number {
    return this.#pages % this.#path.bufferPages;
  }
}
