import type { Finding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';

/**
 * A device that moves contents of its driver's frames, or of pages of another domain that the driver has mapped, a page at a time.
 * `entered`: the number at which the driver's memory model entered such a page.
 */
export interface PagedDevice {
  /** Takes a frame's contents away: the stamp that the device read. */
  transmit(pfn: Pfn): number | Finding;
  /** Puts contents into a frame of the driver's. */
  receive(pfn: Pfn, stamp: number): Finding | null;
  transmitMapped(entered: number): number | Finding;
  receiveMapped(entered: number, stamp: number): Finding | null;
}
