import { describe, expect, it } from 'vitest';
import {
  type Archive,
  type Domain,
  type Pfn,
  Simulation,
  Host,
  audit,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../engine/index.js';
import { hybridPort } from '../../../engine/drivers/hybrid-port.js';
import {
  type DriverPaths,
  type SplitDriver,
  checkpointDriver,
  connectDriver,
} from '../../../engine/drivers/split-driver.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { XEN_4_17 } from '../../../engine/grants/rules.js';
import { ok } from '../grants/support.js';
import { costs, domainOn, platformOf } from '../support.js';

const PLATFORM = platformOf([[0, 512]], { grants: XEN_4_17, costs: costs(3) });
const { pageBytes } = PLATFORM;

/** One driver of a chain: its frontend's references, and the port of a hybrid domain behind it. */
interface Link {
  readonly references: GrantReferences;
  readonly driver: SplitDriver;
  readonly port: ReturnType<typeof hybridPort> | null;
}

/** A domain with a device, a firewall before it, and a guest: two drivers, the first one's frontend is the second one's backend. */
class Chain {
  readonly simulation: Simulation;
  readonly #transmit: DriverPaths['transmit'];
  #links: Link[] = [];

  constructor(simulation: Simulation, transmit: DriverPaths['transmit']) {
    this.simulation = simulation;
    this.#transmit = transmit;
  }

  static make(transmit: DriverPaths['transmit']): Chain {
    const simulation = new Simulation(PLATFORM, 'chain');
    const host = new Host('host', simulation);
    const domains = ['driver', 'firewall', 'guest'].map((name) => domainOn(host, name, 'p2m', 64));
    const chain = new Chain(simulation, transmit);
    for (const frontend of domains.slice(1)) {
      const references = ok(GrantReferences.open(frontend, 2));
      chain.#add(references, (ends, paths) => ok(connectDriver(ends, paths)));
    }
    return chain;
  }

  get records() {
    return this.#links.flatMap(({ port }) => (port === null ? [] : [port.record]));
  }

  checkpoint(archive: Archive): void {
    const known = this.#links;
    this.#links = [];
    archive.list('links', known, (each, link) => {
      const references = link?.references ?? GrantReferences.restored(this.#domains()[this.#links.length + 1]);
      each.part('references', references);
      return this.#add(
        references,
        (ends, paths) => checkpointDriver(each, ends, paths, link?.driver ?? null),
        link,
        each,
      );
    });
  }

  /** Pages of the guest go out through both, and as many come in. */
  move(pages: number): unknown {
    const guest = this.#domains()[2];
    const { driver } = this.#links[1];
    const pfns = Array.from({ length: pages }, () => guest.free.take()!);
    for (const pfn of pfns) guest.writeKernel(pfn);
    const sent = driver.send(pfns);
    const came = driver.receive(pfns.map(() => this.simulation.nextStamp()));
    for (const pfn of [...pfns, ...came]) guest.free.giveBack(pfn as Pfn);
    return [sent, came, this.records, this.simulation.ledger.entries(), audit(this.simulation.hosts[0])];
  }

  #domains(): Domain[] {
    return [...this.simulation.hosts[0].domains.values()];
  }

  #add(
    references: GrantReferences,
    connect: (ends: Parameters<typeof connectDriver>[0], paths: DriverPaths) => SplitDriver,
    link: Link | null = null,
    archive: Archive | null = null,
  ): Link {
    const at = this.#links.length;
    const [backend, frontend] = this.#domains().slice(at);
    const behind = this.#links[at - 1]?.port ?? null;
    const transmit = at === 0 && this.#transmit === 'pass' ? 'copy' : this.#transmit;
    const paths: DriverPaths = { transmit, receive: 'copy', batch: 4, ...(behind === null ? {} : { port: behind }) };
    const driver = connect({ frontend, references, backend, window: 0 }, paths);
    const port = at === 0 ? (link?.port ?? hybridPort(frontend, driver, pageBytes)) : null;
    if (port !== null) archive?.part('port', port);
    const made = { references, driver, port };
    this.#links.push(made);
    return made;
  }
}

describe('a chain of drivers through a firewall goes on from a checkpoint as it would without', () => {
  it.each(['copy', 'map', 'persistent', 'pass'] as const)('by %s', (transmit) => {
    const chain = Chain.make(transmit);
    chain.move(5);
    const save = (each: Chain): Uint8Array => saveCheckpoint(each.simulation, (archive) => each.checkpoint(archive));
    const bytes = save(chain);
    const copies: Chain[] = [];
    restoreCheckpoint(bytes, {
      platform: PLATFORM,
      own: (archive) => {
        const copy = new Chain(archive.simulation, transmit);
        copy.checkpoint(archive);
        copies.push(copy);
      },
    });
    expect(copies[0].records).toEqual(chain.records);
    expect(Buffer.compare(save(copies[0]), bytes)).toBe(0);
    expect(copies[0].move(7)).toEqual(chain.move(7));
    expect(Buffer.compare(save(copies[0]), save(chain))).toBe(0);
  });
});
