import type { Pfn } from '../host/frame-number.js';

/** A page on its way: its guest frame, its contents, and its entries if it is a page table of a P2M guest or any table. */
export interface PageMessage {
  readonly pfn: Pfn;
  readonly stamp: number;
  readonly entries: Uint32Array | null;
}

/** A link between two hosts. */
export interface Link {
  readonly bitsPerSecond: number;
  readonly latencyNs: number;
  /** What arrives of a page that was sent; null when it is lost. */
  carry(message: PageMessage): PageMessage | null;
}

/** A link that loses nothing. */
export const reliableLink = (settings: { bitsPerSecond: number; latencyNs: number }): Link => ({
  ...settings,
  carry: (message) => message,
});
