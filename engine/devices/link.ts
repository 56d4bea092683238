import type { Pfn } from '../host/frame-number.js';
import { Wire, type WireFate } from './wire.js';

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
  /** The wire, where several migrations share it or where something happens to it; otherwise each has one of its own. */
  readonly wire?: Wire;
  /** What arrives of a page that was sent; null when it is lost. */
  carry(message: PageMessage): PageMessage | null;
}

/** A link that loses nothing. */
export const reliableLink = (settings: { bitsPerSecond: number; latencyNs: number }): Link => ({
  ...settings,
  carry: (message) => message,
});

/** A link that several migrations share, and to which something may happen. It belongs to one simulation. */
export const sharedLink = (settings: { bitsPerSecond: number; latencyNs: number }, fate: WireFate = {}): Link => ({
  ...reliableLink(settings),
  wire: new Wire(settings.bitsPerSecond, fate),
});
