import type { Domain } from '../domain/domain.js';
import type { Pfn } from '../host/frame-number.js';
import type { DmaDevice } from './dma-device.js';

/** Which way the data goes. */
export type DmaDirection = 'to device' | 'from device' | 'both ways';

/** Memory that follows itself by guest frames: `bytes` from `offset` in the frame `pfn` on. */
export interface DmaBuffer {
  readonly pfn: Pfn;
  readonly offset?: number;
  readonly bytes: number;
}

/** A buffer that a device has been told of. */
export interface DmaMapping {
  readonly device: DmaDevice;
  readonly direction: DmaDirection;
  /** Where the device finds it. It is contiguous there. */
  readonly address: number;
  readonly bytes: number;
  /** The guest frames of the buffer, and whose they are: the driver's, or those of a domain that granted them. */
  readonly owner: Domain;
  readonly pfns: readonly Pfn[];
  readonly offset: number;
  /** The first slot of the bounce pool, where the device finds a copy there; else `NO_SLOT`. */
  readonly slot: number;
  readonly slots: number;
}
