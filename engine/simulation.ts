import type { Archive, Checkpointed } from './checkpoint/archive.js';
import { Arena } from './host/arena.js';
import { VirtualClock } from './host/clock.js';
import type { Host } from './host/host.js';
import { Ledger } from './host/ledger.js';
import { type RandomStream, randomStream } from './host/random.js';
import { MovesUnderWay } from './operations/under-way.js';
import type { Platform } from './platform.js';

/** What all hosts of one run share: the platform, memory for state, virtual time, the ledger, random streams and the stamps of writes. */
export class Simulation implements Checkpointed {
  readonly platform: Platform;
  /** The memory that the state of all its hosts lies in. */
  readonly arena = new Arena();
  readonly clock = new VirtualClock();
  /** Migrations, saves and restores that have begun and are not over. */
  readonly moves = new MovesUnderWay();
  readonly ledger: Ledger;
  /** In the order in which they were made. */
  readonly hosts: Host[] = [];
  readonly seed: string;
  #lastStamp = 0;

  constructor(platform: Platform, seed: string) {
    this.platform = platform;
    this.ledger = new Ledger(platform.costs);
    this.seed = seed;
  }

  /** A random stream of its own for the component with this id. */
  stream(id: string): RandomStream {
    return randomStream(this.seed, id);
  }

  /** A stamp that no other write has. */
  nextStamp(): number {
    this.#lastStamp += 1;
    return this.#lastStamp;
  }

  /** The hosts' state, and what all share. Hosts, domains and whatever the clock runs have been made. */
  checkpoint(archive: Archive): void {
    this.hosts.forEach((host, index) => archive.part(`host ${index}`, host));
    archive.part('clock', this.clock);
    archive.part('moves', this.moves);
    archive.part('ledger', this.ledger);
    this.#lastStamp = archive.value('lastStamp', this.#lastStamp);
  }
}
