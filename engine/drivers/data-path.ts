import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import type { GrantReferences } from '../grants/grant-references.js';
import type { Pfn } from '../host/frame-number.js';

/** The two ends of a split driver, and where the backend may map pages of the frontend. */
export interface DriverEnds {
  readonly frontend: Domain;
  readonly references: GrantReferences;
  readonly backend: Domain;
  /** The driver's number among those of its backend: it has a window of its own in the backend's address space. */
  readonly window: number;
}

/** Pages of the backend's address space that one split driver has: one for each ring, and room for each way. */
const WINDOW_PAGES = 4096;
/** Where in it the pages are that are on their way out, and in. */
export const TRANSMIT_PAGES = 1024;
export const RECEIVE_PAGES = 2048;

/** A page of the driver's window. */
export const windowPage = ({ window }: DriverEnds, page: number): number => window * WINDOW_PAGES + page;

/** How pages get from a frontend to its backend. */
export interface TransmitPath {
  /** Frontend: makes a page reachable; what the request names it by. */
  offer(pfn: Pfn): number | Finding;
  /** Backend: the contents of a batch of offered pages, as it hands them on. */
  fetch(references: readonly number[]): (number | Finding)[];
  /** Frontend: the response is there. */
  retract(reference: number): Finding | null;
  close(): void;
}

/** How pages get from a backend to its frontend. */
export interface ReceivePath {
  /** Frontend: makes room for a page; what the request names it by. */
  post(): number | Finding;
  /** Backend: moves the contents of its own frames to what a batch of requests names. Done with the frames, it has them free again. */
  deliver(references: readonly number[], locals: readonly Pfn[]): (Finding | null)[];
  /** Frontend: the page that came, in use by its kernel; it is told what its contents are. Null when there is none. */
  collect(reference: number, stamp: number): Pfn | Finding;
  /** Frontend: takes the room back, after a refusal. */
  withdraw(reference: number): void;
  close(): void;
}
