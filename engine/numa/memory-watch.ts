import type { DmaDevice } from '../devices/dma-device.js';
import type { Domain } from '../domain/domain.js';
import type { Mfn } from '../host/frame-number.js';

/**
 * Hears of the bytes that a processor of a domain, or a device, reads and writes of a frame where drivers move data: buffers on both
 * sides, rings, and DMA. How near the frame is, is for the listener to say: the engine's own costs are those of near memory.
 */
export interface MemoryWatch {
  touched(by: Domain | DmaDevice, mfn: Mfn, bytes: number, write: boolean): void;
}

/** A processor of the domain copies bytes from one frame to another. */
export const tellCopy = (by: Domain, bytes: number, from: Mfn, to: Mfn): void => {
  const { memoryWatch } = by.host;
  memoryWatch?.touched(by, from, bytes, false);
  memoryWatch?.touched(by, to, bytes, true);
};
