import type { Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { GrantReferences } from '../grants/grant-references.js';
import type { Mfn, Pfn } from '../host/frame-number.js';
import type { BackendPort, GrantedSlot } from './backend-port.js';
import type { RingSlot } from './ring.js';

/** The two ends of a split driver, and where the backend may map pages of the frontend. */
export interface DriverEnds {
  readonly frontend: Domain;
  readonly references: GrantReferences;
  readonly backend: Domain;
  /** The driver's number among those of its backend: it has a window of its own in the backend's address space. */
  readonly window: number;
}

/** What the paths of a split driver move, and between what. */
export interface PathEnds extends DriverEnds {
  readonly port: BackendPort;
  /** Bytes of each page that are used. */
  readonly bytes: number;
  /** Whether the backend's CPU reads the start of each page that goes out, as a network backend reads headers. */
  readonly headers: boolean;
}

/** A page that a hybrid domain hands on as it got it: by the number at which its model entered it, or by passing the grant on. */
export type OnwardPage =
  | { readonly kind: 'entered'; readonly entered: number; readonly stamp: number }
  | ({ readonly kind: 'passed' } & GrantedSlot);

/** Pages of the backend's address space that one split driver has: one for each ring, and room for each way. */
const WINDOW_PAGES = 4096;
/** Where in it the pages are that are on their way out, and in. */
export const TRANSMIT_PAGES = 1024;
export const RECEIVE_PAGES = 2048;

/** A page of the driver's window. */
export const windowPage = ({ window }: DriverEnds, page: number): number => window * WINDOW_PAGES + page;

/** How pages get from a frontend to its backend. */
export interface TransmitPath extends Checkpointed {
  /** Frontend: makes a page reachable; what the request names it by. */
  offer(pfn: Pfn): number | Finding;
  /** Frontend of a hybrid domain: makes a page reachable that is not its own. Absent where it has to copy anyway. */
  offerOnward?(page: OnwardPage): number | Finding;
  /** Backend: hands a batch of offered pages on: the contents of each as they left. */
  fetch(slots: readonly RingSlot[]): (number | Finding)[];
  /** Frontend: the response is there. */
  retract(reference: number): Finding | null;
  /** `gone`: the backend has crashed and what it had mapped is released. */
  close(gone: boolean): void;
}

/** How pages get from a backend to its frontend. */
export interface ReceivePath extends Checkpointed {
  /** Frontend: makes room for so many pages at once; what the request for each names it by. */
  post(count: number): (number | Finding)[];
  /** Backend: moves the contents of its own frames to what a batch of requests names. Done with the frames, it has them free again. */
  deliver(references: readonly number[], locals: readonly Pfn[]): (Finding | null)[];
  /** Backend: lets the port fill what a batch of requests names. Absent where the hypervisor or the backend has to copy. */
  deliverInto?(slots: readonly RingSlot[]): (Finding | null)[];
  /** Frontend: the page that came, in use by its kernel; it is told what its contents are. Null when there is none. */
  collect(reference: number, stamp: number): Pfn | Finding;
  /** Frontend: takes the room back, after a refusal. */
  withdraw(reference: number): void;
  /** `gone`: the backend has crashed and what it had mapped is released. */
  close(gone: boolean): void;
}

/** Charges a copy of the bytes that are used of so many pages. */
export const chargeCopies = (domain: Domain, bytes: number, pages: number): void => {
  domain.account.charge(Mechanism.copy, Event.pageCopy, (pages * bytes) / domain.host.simulation.platform.pageBytes);
};

/** Bytes of a packet that a backend reads where it does not take all of it (Linux's netback: XEN_NETBACK_TX_COPY_LEN). */
export const HEADER_BYTES = 128;

/** The backend's CPU reads the start of a page that it has mapped. */
export const readHeaders = ({ backend, bytes }: PathEnds, mfn: Mfn): void =>
  backend.host.memoryWatch?.touched(backend, mfn, Math.min(HEADER_BYTES, bytes), false);
