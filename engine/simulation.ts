import { Arena } from './host/arena.js';
import { VirtualClock } from './host/clock.js';
import { Ledger } from './host/ledger.js';
import { type RandomStream, randomStream } from './host/random.js';
import type { Platform } from './platform.js';

/** What all hosts of one run share: the platform, memory for state, virtual time, the ledger, random streams and the stamps of writes. */
export class Simulation {
  readonly platform: Platform;
  /** The memory that the state of all its hosts lies in. */
  readonly arena = new Arena();
  readonly clock = new VirtualClock();
  readonly ledger: Ledger;
  readonly #seed: string;
  #lastStamp = 0;

  constructor(platform: Platform, seed: string) {
    this.platform = platform;
    this.ledger = new Ledger(platform.costs);
    this.#seed = seed;
  }

  /** A random stream of its own for the component with this id. */
  stream(id: string): RandomStream {
    return randomStream(this.#seed, id);
  }

  /** A stamp that no other write has. */
  nextStamp(): number {
    this.#lastStamp += 1;
    return this.#lastStamp;
  }
}
