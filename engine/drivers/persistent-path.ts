import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { type GrantMapping, mapGrantedPages } from '../grants/grant-mapping.js';
import { refuse } from '../grants/resolve.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import {
  type DriverEnds,
  RECEIVE_PAGES,
  type ReceivePath,
  TRANSMIT_PAGES,
  type TransmitPath,
  windowPage,
} from './data-path.js';

/** Frames of a frontend that stay granted: each is granted when it is first needed, and then used again. */
class PersistentPool {
  readonly #ends: DriverEnds;
  readonly #pages = new Map<number, Pfn>();
  readonly #idle: number[] = [];

  constructor(ends: DriverEnds) {
    this.#ends = ends;
  }

  take(): number | Finding {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const { frontend, references, backend } = this.#ends;
    const pfn = frontend.takeFreeFrame();
    if (pfn === null) return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free to grant`);
    const reference = references.grantAccess(backend, pfn, 'write');
    if (isFinding(reference)) frontend.giveBackFrame(pfn);
    else this.#pages.set(reference, pfn);
    return reference;
  }

  page(reference: number): Pfn {
    return this.#pages.get(reference)!;
  }

  putBack(reference: number): void {
    this.#idle.push(reference);
  }

  close(): void {
    for (const [reference, pfn] of this.#pages) {
      if (this.#ends.references.endAccess(reference) === null) this.#ends.frontend.giveBackFrame(pfn);
    }
  }
}

/** What a backend has mapped of such a pool, and keeps: each page is mapped when a request first names it. */
class PersistentMappings {
  readonly #ends: DriverEnds;
  readonly #firstPage: number;
  readonly #mapped = new Map<number, { readonly mapping: GrantMapping; readonly index: number }>();
  #nextPage = 0;

  constructor(ends: DriverEnds, firstPage: number) {
    this.#ends = ends;
    this.#firstPage = windowPage(ends, firstPage);
  }

  /** Maps those of a batch that are not mapped yet, together. */
  reach(references: readonly number[]): Finding | null {
    const missing = [...new Set(references)].filter((reference) => !this.#mapped.has(reference));
    if (missing.length === 0) return null;
    const { frontend, backend } = this.#ends;
    const requests = missing.map((reference) => ({ granter: frontend, reference, writable: true }));
    const mapping = mapGrantedPages(backend, requests, this.#firstPage + this.#nextPage);
    if (isFinding(mapping)) return mapping;
    this.#nextPage += missing.length;
    missing.forEach((reference, index) => this.#mapped.set(reference, { mapping, index }));
    return null;
  }

  read(reference: number): number {
    const { mapping, index } = this.#mapped.get(reference)!;
    return this.#ends.backend.host.frames.contents(mapping.read(index));
  }

  write(reference: number, stamp: number): void {
    const { mapping, index } = this.#mapped.get(reference)!;
    mapping.write(index, stamp);
  }

  close(): void {
    for (const mapping of new Set([...this.#mapped.values()].map(({ mapping }) => mapping))) mapping.unmap();
  }
}

const copyPage = (domain: Domain, from: Pfn, to: Pfn): void => {
  domain.fillKernel(to, domain.readKernel(from));
  domain.account.charge(Mechanism.copy, Event.pageCopy);
};

/** By persistent grants: the frontend copies to pages that stay granted and mapped; after the first use there is no grant operation. */
export const persistentTransmit = (ends: DriverEnds): TransmitPath => {
  const pool = new PersistentPool(ends);
  const mappings = new PersistentMappings(ends, TRANSMIT_PAGES);
  return {
    offer(pfn) {
      const reference = pool.take();
      if (!isFinding(reference)) copyPage(ends.frontend, pfn, pool.page(reference));
      return reference;
    },

    fetch(references) {
      const refusal = mappings.reach(references);
      return references.map((reference) => refusal ?? mappings.read(reference));
    },

    retract(reference) {
      pool.putBack(reference);
      return null;
    },

    close() {
      mappings.close();
      pool.close();
    },
  };
};

export const persistentReceive = (ends: DriverEnds): ReceivePath => {
  const { frontend, backend } = ends;
  const pool = new PersistentPool(ends);
  const mappings = new PersistentMappings(ends, RECEIVE_PAGES);
  return {
    post: () => pool.take(),

    deliver(references, locals) {
      const refusal = mappings.reach(references);
      references.forEach((reference, index) => {
        if (refusal === null) mappings.write(reference, backend.readKernel(locals[index]));
        backend.giveBackFrame(locals[index]);
      });
      if (refusal === null) backend.account.charge(Mechanism.copy, Event.pageCopy, locals.length);
      return references.map(() => refusal);
    },

    collect(reference, stamp) {
      frontend.filledByDevice(pool.page(reference), stamp);
      const pfn = frontend.takeFreeFrame();
      pool.putBack(reference);
      if (pfn === null)
        return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free for a page`);
      copyPage(frontend, pool.page(reference), pfn);
      return pfn;
    },

    withdraw: (reference) => pool.putBack(reference),

    close() {
      mappings.close();
      pool.close();
    },
  };
};
