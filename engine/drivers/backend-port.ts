import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';

/** A page of a frontend, as its backend knows it. */
export interface GrantedSlot {
  readonly granter: Domain;
  readonly reference: number;
  /** The contents that it is to have. */
  readonly stamp: number;
}

/** One that the backend has mapped. */
export interface MappedSlot extends GrantedSlot {
  /** The number at which the backend's memory model entered it. */
  readonly entered: number;
  /** The backend's CPU reads it through its mapping: its contents. */
  readonly read: () => number;
}

/**
 * What a backend hands pages on to, and gets them from: a device, or, in a hybrid domain, the frontend that the same domain has to
 * another backend.
 */
export interface BackendPort {
  /** Whether it knows whose page it fills before it does: a disk, or a network device with a queue for each frontend. */
  readonly knowsTarget: boolean;
  /** Frames of the backend's own go out: the contents of each as they left. */
  send(pfns: readonly Pfn[]): (number | Finding)[];
  /** Pages go out that the backend has mapped and does not copy. */
  sendMapped(slots: readonly MappedSlot[]): (number | Finding)[];
  /** Pages go out that the backend has neither mapped nor copied. */
  passOn(slots: readonly GrantedSlot[]): (number | Finding)[];
  /** What comes in, in frames of the backend's own that its kernel has in use from then on. */
  receive(stamps: readonly number[]): (Pfn | Finding)[];
  /** What comes in goes straight to pages that the backend has mapped. */
  receiveMapped(slots: readonly MappedSlot[]): (Finding | null)[];
}
