import { type Finding, isFinding } from '../finding.js';
import type { DmaDevice } from './dma-device.js';
import { mapBuffer, mapGranted, unmapBuffer } from './dma-map.js';
import type { DmaDirection, DmaMapping } from './dma-mapping.js';
import type { PagedDevice } from './paged-device.js';
import { readByDevice, writeByDevice } from './transfer.js';

/** A disk: each page of a request is an element of a scatter list, mapped by itself. `bytes` of each page are used. */
export const diskOf = (device: DmaDevice, bytes: number): PagedDevice => {
  const within = <Result>(mapping: DmaMapping | Finding, use: (mapping: DmaMapping) => Result): Result | Finding => {
    if (isFinding(mapping)) return mapping;
    const result = use(mapping);
    unmapBuffer(mapping);
    return result;
  };
  const read = (mapping: DmaMapping | Finding): number | Finding =>
    within(mapping, (made) => {
      const stamps = readByDevice(made);
      return isFinding(stamps) ? stamps : stamps[0];
    });
  const write = (mapping: DmaMapping | Finding, stamp: number): Finding | null =>
    within(mapping, (made) => writeByDevice(made, [stamp]));
  const own = (pfn: Parameters<PagedDevice['transmit']>[0], direction: DmaDirection): DmaMapping | Finding =>
    mapBuffer(device, { pfn, bytes }, direction);
  return {
    transmit: (pfn) => read(own(pfn, 'to device')),
    receive: (pfn, stamp) => write(own(pfn, 'from device'), stamp),
    transmitMapped: (entered) => read(mapGranted(device, entered, 'to device')),
    receiveMapped: (entered, stamp) => write(mapGranted(device, entered, 'from device'), stamp),
  };
};
