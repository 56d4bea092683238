import type { Link } from '../devices/link.js';
import { Wire } from '../devices/wire.js';
import type { Platform } from '../platform.js';
import type { RateLimiter } from './rate-limiter.js';

/** What a transfer goes through. Times in nanoseconds. */
export interface TransferPath {
  readonly wire: Wire;
  /** Whether the wire is the path's own, and goes into a checkpoint with it. */
  readonly ownsWire: boolean;
  readonly latencyNs: number;
  readonly pageBytes: number;
  /** Pages that fit between the sender and the wire, and between the wire and the receiver. */
  readonly bufferPages: number;
  /** Holds the sender back, where the tool has one. */
  readonly limiter: RateLimiter | null;
  /** Whether one thread maps, canonicalises and sends, one after the other, so that only the wire and the receiver work beside it. */
  readonly isOneThread: boolean;
}

/** The way over a link between hosts of a platform. */
export const pathOver = (
  link: Link,
  { pageBytes, socketBufferPages }: Platform,
  tool: Pick<TransferPath, 'limiter' | 'isOneThread'>,
): TransferPath => ({
  ...tool,
  wire: link.wire ?? new Wire(link.bitsPerSecond),
  ownsWire: link.wire === undefined,
  latencyNs: link.latencyNs,
  pageBytes,
  bufferPages: socketBufferPages,
});
