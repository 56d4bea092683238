import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { GrantMapping, mapGrantedPages } from '../grants/grant-mapping.js';
import { refuse } from '../grants/resolve.js';
import type { Mfn, Pfn } from '../host/frame-number.js';
import { tellCopy } from '../numa/memory-watch.js';
import type { MappedSlot } from './backend-port.js';
import {
  type DriverEnds,
  type PathEnds,
  chargeCopies,
  readHeaders,
  RECEIVE_PAGES,
  type ReceivePath,
  TRANSMIT_PAGES,
  type TransmitPath,
  windowPage,
} from './data-path.js';
import type { RingSlot } from './ring.js';

/** Frames of a frontend that stay granted: each is granted when it is first needed, and then used again. */
class PersistentPool implements Checkpointed {
  readonly #ends: DriverEnds;
  readonly #pages = new Map<number, Pfn>();
  #idle: number[] = [];

  constructor(ends: DriverEnds) {
    this.#ends = ends;
  }

  take(): number | Finding {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const { frontend, references, backend } = this.#ends;
    const pfn = frontend.free.take();
    if (pfn === null) return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free to grant`);
    const reference = references.grantAccess(backend, pfn, 'write');
    if (isFinding(reference)) frontend.free.giveBack(pfn);
    else this.#pages.set(reference, pfn);
    return reference;
  }

  page(reference: number): Pfn {
    return this.#pages.get(reference)!;
  }

  putBack(reference: number): void {
    this.#idle.push(reference);
  }

  checkpoint(archive: Archive): void {
    archive.map('pages', this.#pages);
    this.#idle = archive.numbers('idle', this.#idle);
  }

  close(): void {
    for (const [reference, pfn] of this.#pages) {
      if (this.#ends.references.endAccess(reference) === null) this.#ends.frontend.free.giveBack(pfn);
    }
  }
}

/** What a backend has mapped of such a pool, and keeps: each page is mapped when a request first names it. */
class PersistentMappings implements Checkpointed {
  readonly #ends: DriverEnds;
  readonly #firstPage: number;
  readonly #mapped = new Map<number, { readonly mapping: GrantMapping; readonly index: number }>();
  #nextPage = 0;

  constructor(ends: DriverEnds, firstPage: number) {
    this.#ends = ends;
    this.#firstPage = windowPage(ends, firstPage);
    ends.backend.model.holdPlaces?.();
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

  read(reference: number): Mfn {
    const { mapping, index } = this.#mapped.get(reference)!;
    return mapping.read(index);
  }

  /** What the port has to know of pages that are mapped. */
  slots(slots: readonly RingSlot[]): MappedSlot[] {
    const { frames } = this.#ends.backend.host;
    return slots.map(({ reference, stamp }) => {
      const { mapping, index } = this.#mapped.get(reference)!;
      const entered = mapping.frame(index);
      return {
        granter: this.#ends.frontend,
        reference,
        stamp,
        entered,
        read: () => frames.contents(this.read(reference)),
      };
    });
  }

  write(reference: number, stamp: number): Mfn {
    const { mapping, index } = this.#mapped.get(reference)!;
    return mapping.write(index, stamp);
  }

  /** By batches that were mapped together, with the reference of each page. */
  checkpoint(archive: Archive): void {
    this.#nextPage = archive.value('nextPage', this.#nextPage);
    const batches = new Map<GrantMapping, number[]>();
    for (const [reference, { mapping }] of this.#mapped) {
      batches.set(mapping, [...(batches.get(mapping) ?? []), reference]);
    }
    const held = archive.list('mapped', [...batches], (each, batch): [GrantMapping, number[]] => [
      GrantMapping.checkpoint(each, batch?.[0] ?? null),
      each.numbers('references', batch?.[1] ?? []),
    ]);
    for (const [mapping, references] of held) {
      references.forEach((reference, index) => this.#mapped.set(reference, { mapping, index }));
    }
  }

  close(): void {
    for (const mapping of new Set([...this.#mapped.values()].map(({ mapping }) => mapping))) mapping.unmap();
  }
}

const copyPage = (domain: Domain, bytes: number, from: Pfn, to: Pfn): void => {
  domain.fillKernel(to, domain.readKernel(from));
  chargeCopies(domain, bytes, 1);
  tellCopy(domain, bytes, domain.model.machineFrame(from), domain.model.machineFrame(to));
};

/** By persistent grants: the frontend copies to pages that stay granted and mapped; after the first use there is no grant operation. */
export const persistentTransmit = (ends: PathEnds): TransmitPath => {
  const pool = new PersistentPool(ends);
  const mappings = new PersistentMappings(ends, TRANSMIT_PAGES);
  return {
    offer(pfn) {
      const reference = pool.take();
      if (!isFinding(reference)) copyPage(ends.frontend, ends.bytes, pfn, pool.page(reference));
      return reference;
    },

    fetch(slots) {
      const references = slots.map(({ reference }) => reference);
      const refusal = mappings.reach(references);
      if (refusal !== null) return references.map(() => refusal);
      if (ends.headers) for (const reference of references) readHeaders(ends, mappings.read(reference));
      return ends.port.sendMapped(mappings.slots(slots));
    },

    retract(reference) {
      pool.putBack(reference);
      return null;
    },

    close(gone) {
      if (!gone) mappings.close();
      pool.close();
    },

    checkpoint(archive) {
      archive.part('pool', pool);
      archive.part('mappings', mappings);
    },
  };
};

export const persistentReceive = (ends: PathEnds): ReceivePath => {
  const { frontend, backend } = ends;
  const pool = new PersistentPool(ends);
  const mappings = new PersistentMappings(ends, RECEIVE_PAGES);
  return {
    post: (count) => Array.from({ length: count }, () => pool.take()),

    deliver(references, locals) {
      const refusal = mappings.reach(references);
      references.forEach((reference, index) => {
        if (refusal === null) {
          const to = mappings.write(reference, backend.readKernel(locals[index]));
          tellCopy(backend, ends.bytes, backend.model.machineFrame(locals[index]), to);
        }
        backend.free.giveBack(locals[index]);
      });
      if (refusal === null) chargeCopies(backend, ends.bytes, locals.length);
      return references.map(() => refusal);
    },

    deliverInto(slots) {
      const refusal = mappings.reach(slots.map(({ reference }) => reference));
      if (refusal !== null) return slots.map(() => refusal);
      return ends.port.receiveMapped(mappings.slots(slots));
    },

    collect(reference, stamp) {
      frontend.filledByDevice(pool.page(reference), stamp);
      const pfn = frontend.free.take();
      pool.putBack(reference);
      if (pfn === null)
        return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free for a page`);
      copyPage(frontend, ends.bytes, pool.page(reference), pfn);
      return pfn;
    },

    withdraw: (reference) => pool.putBack(reference),

    close(gone) {
      if (!gone) mappings.close();
      pool.close();
    },

    checkpoint(archive) {
      archive.part('pool', pool);
      archive.part('mappings', mappings);
    },
  };
};
