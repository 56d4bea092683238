import type { Checkpointed } from '../checkpoint/archive.js';
import { mapForeign } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { mapGrantedPages } from '../grants/grant-mapping.js';
import { refuse } from '../grants/resolve.js';
import { type Mfn, type Pfn, asPfn } from '../host/frame-number.js';
import { tellCopy } from '../numa/memory-watch.js';
import type { MappedSlot } from './backend-port.js';
import {
  type DriverEnds,
  type OnwardPage,
  type PathEnds,
  chargeCopies,
  readHeaders,
  RECEIVE_PAGES,
  type ReceivePath,
  TRANSMIT_PAGES,
  type TransmitPath,
  windowPage,
} from './data-path.js';
import { OfferedPages } from './offered-pages.js';
import type { RingSlot } from './ring.js';

/** Pages of the frontend that the backend has before it, as long as it works on a batch. */
export interface Reached {
  /** The number at which the backend's memory model entered it. */
  frame(index: number): number;
  read(index: number): Mfn;
  write(index: number, stamp: number): Mfn;
  unmap(): void;
}

/** Maps what a batch of requests names. */
type Reach = (references: readonly number[], writable: boolean, firstPage: number) => Reached | Finding;

/** By grant map: a batch is mapped with one hypercall and unmapped with another. */
export const reachByGrants = ({ frontend, backend }: DriverEnds): Reach => {
  backend.model.holdPlaces?.();
  return (references, writable, firstPage) =>
    mapGrantedPages(
      backend,
      references.map((reference) => ({ granter: frontend, reference, writable })),
      firstPage,
    );
};

/**
 * Without grants: the request names the frontend's frame, and the backend takes it as it is. Only a trusted P==M domain can, and
 * nothing is checked: ia64's domain0 of January 2006.
 */
export const reachByName =
  ({ frontend, backend }: DriverEnds): Reach =>
  (references, writable, firstPage) => {
    if (backend.model.isTrusted !== true) {
      const detail = `${backend.name} cannot name frames of others, and the hypervisor cannot map granted ones`;
      return refuse(backend, 'map grant', 'grant-map', detail);
    }
    return mapForeign(backend, frontend, references.map(asPfn), { writable, firstPage: ABOVE_TOOLS + firstPage });
  };

/** Pages of a tool's address space below those of drivers, as `GRANT_PAGES` leaves them. */
const ABOVE_TOOLS = 2 ** 20;

/** How the frontend names its pages to the backend. */
export interface Naming extends Checkpointed {
  readonly offer: (pfn: Pfn, access: 'read' | 'write') => number | Finding;
  readonly offerOnward?: (page: OnwardPage) => number | Finding;
  readonly end: (reference: number) => Pfn | Finding;
}

export const nameByGrants = (ends: DriverEnds): Naming => {
  const pages = new OfferedPages(ends);
  return {
    offer: (pfn, access) => pages.grant(pfn, access),
    offerOnward: (page) => pages.grantOnward(page),
    end: (reference) => pages.end(reference),
    checkpoint: (archive) => archive.part('pages', pages),
  };
};

export const nameByFrame: Naming = {
  offer: (pfn) => pfn,
  end: (reference) => asPfn(reference),
  checkpoint: () => {},
};

/** What of a batch the port has to know. */
const mappedSlots = ({ frontend, backend }: PathEnds, reached: Reached, slots: readonly RingSlot[]): MappedSlot[] =>
  slots.map(({ reference, stamp }, index) => ({
    granter: frontend,
    reference,
    stamp,
    entered: reached.frame(index),
    read: () => backend.host.frames.contents(reached.read(index)),
  }));

export const mapTransmit = (ends: PathEnds, naming: Naming, reach: Reach): TransmitPath => ({
  offer: (pfn) => naming.offer(pfn, 'read'),
  ...(naming.offerOnward === undefined ? {} : { offerOnward: naming.offerOnward }),

  fetch(slots) {
    const references = slots.map(({ reference }) => reference);
    const reached = reach(references, false, windowPage(ends, TRANSMIT_PAGES));
    if (isFinding(reached)) return references.map(() => reached);
    if (ends.headers) references.forEach((_, index) => readHeaders(ends, reached.read(index)));
    const sent = ends.port.sendMapped(mappedSlots(ends, reached, slots));
    reached.unmap();
    return sent;
  },

  retract(reference) {
    const ended = naming.end(reference);
    return isFinding(ended) ? ended : null;
  },
  close: () => {},
  checkpoint: (archive) => archive.part('naming', naming),
});

export const mapReceive = (ends: PathEnds, naming: Naming, reach: Reach): ReceivePath => {
  const { frontend, backend } = ends;
  const postOne = (): number | Finding => {
    const pfn = frontend.free.take();
    if (pfn === null) return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free to post`);
    const reference = naming.offer(pfn, 'write');
    if (isFinding(reference)) frontend.free.giveBack(pfn);
    return reference;
  };
  return {
    post: (count) => Array.from({ length: count }, postOne),

    deliver(references, locals) {
      const reached = reach(references, true, windowPage(ends, RECEIVE_PAGES));
      if (!isFinding(reached)) {
        locals.forEach((local, index) => {
          const to = reached.write(index, backend.readKernel(local));
          tellCopy(backend, ends.bytes, backend.model.machineFrame(local), to);
        });
        chargeCopies(backend, ends.bytes, locals.length);
        reached.unmap();
      }
      for (const local of locals) backend.free.giveBack(local);
      return references.map(() => (isFinding(reached) ? reached : null));
    },

    deliverInto(slots) {
      const references = slots.map(({ reference }) => reference);
      const reached = reach(references, true, windowPage(ends, RECEIVE_PAGES));
      if (isFinding(reached)) return references.map(() => reached);
      const results = ends.port.receiveMapped(mappedSlots(ends, reached, slots));
      reached.unmap();
      return results;
    },

    collect(reference, stamp) {
      const pfn = naming.end(reference);
      if (!isFinding(pfn)) frontend.filledByDevice(pfn, stamp);
      return pfn;
    },

    withdraw(reference) {
      const pfn = naming.end(reference);
      if (!isFinding(pfn)) frontend.free.giveBack(pfn);
    },
    close: () => {},
    checkpoint: (archive) => archive.part('naming', naming),
  };
};
