import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** What can bound the time of a transfer: work of a stage, or waiting for the rate limiter or the link. */
const TRANSFER_PARTS = [
  'map',
  'harvest',
  'canonicalise',
  'limit',
  'send',
  'wire',
  'latency',
  'receive',
  'suspend',
  'resume',
] as const;

export type TransferPart = (typeof TRANSFER_PARTS)[number];

/** Nanoseconds of elapsed time by what bounded it. */
export type Elapsed = Readonly<Record<TransferPart, number>>;

/** No time at all. */
export const NO_TIME = Object.fromEntries(TRANSFER_PARTS.map((part) => [part, 0])) as Elapsed;

const parts = TRANSFER_PARTS.length;
const indexOf = Object.fromEntries(TRANSFER_PARTS.map((part, index) => [part, index])) as Record<TransferPart, number>;

/**
 * For each of a number of moments, the way by which it came about since a common start: a sum of times by part, which is the time of the
 * moment less that of the start. A moment that waits for several others comes by the way of the last of them.
 */
export class CriticalPaths implements Checkpointed {
  readonly #ns: Float64Array;

  constructor(moments: number) {
    this.#ns = new Float64Array(moments * parts);
  }

  /** A moment that comes by the way of another. */
  follow(moment: number, other: number): void {
    if (moment === other) return;
    const from = other * parts;
    this.#ns.copyWithin(moment * parts, from, from + parts);
  }

  /** A moment later by this much than it was. */
  add(moment: number, part: TransferPart, ns: number): void {
    this.#ns[moment * parts + indexOf[part]] += ns;
  }

  /** A moment so long after the start: what it was short of that is this part. */
  extend(moment: number, part: TransferPart, sinceStartNs: number): void {
    const first = moment * parts;
    let sum = 0;
    for (let index = first; index < first + parts; index += 1) sum += this.#ns[index];
    this.#ns[first + indexOf[part]] += sinceStartNs - sum;
  }

  /** A moment that is the start, or every moment. */
  restart(moment?: number): void {
    if (moment === undefined) this.#ns.fill(0);
    else this.#ns.fill(0, moment * parts, (moment + 1) * parts);
  }

  /** How a moment came about. */
  elapsed(moment: number): Elapsed {
    return Object.fromEntries(TRANSFER_PARTS.map((part, index) => [part, this.#ns[moment * parts + index]])) as Elapsed;
  }

  checkpoint(archive: Archive): void {
    archive.view('ns', this.#ns);
  }
}
