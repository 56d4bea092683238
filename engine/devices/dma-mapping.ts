import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
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

/** One of a device's mappings; on the way in `mapping` is null. A driver that holds it names it as a tracked object. */
export const checkpointMapping = (archive: Archive, device: DmaDevice, mapping: DmaMapping | null): DmaMapping => {
  const read: DmaMapping = {
    device,
    direction: archive.value('direction', mapping?.direction ?? 'both ways'),
    address: archive.value('address', mapping?.address ?? 0),
    bytes: archive.value('bytes', mapping?.bytes ?? 0),
    owner: checkpointDomain(archive, 'owner', mapping?.owner ?? null),
    pfns: archive.numbers('pfns', mapping?.pfns ?? []),
    offset: archive.value('offset', mapping?.offset ?? 0),
    slot: archive.value('slot', mapping?.slot ?? 0),
    slots: archive.value('slots', mapping?.slots ?? 0),
  };
  const held = mapping ?? read;
  archive.track(held);
  return held;
};
