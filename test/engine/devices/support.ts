import { type Domain, type Finding, type Host, type Platform, isFinding } from '../../../engine/index.js';
import { type DeviceGuard, assignDevice } from '../../../engine/devices/assign-device.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { mapBuffer } from '../../../engine/devices/dma-map.js';
import type { DmaBuffer, DmaDirection, DmaMapping } from '../../../engine/devices/dma-mapping.js';
import { Iommu, type IommuSpec } from '../../../engine/iommu/iommu.js';
import { hostOf, platformOf } from '../support.js';

export const PAGE_BYTES = 4096;

/** A host with pages of 4 KiB: banks in frames, an image of the hypervisor of so many. */
export const hostWith = (
  banks: readonly (readonly [first: number, frames: number])[],
  imageFrames = 0,
  own: Partial<Platform> = {},
): Host => {
  const platform: Partial<Platform> = {
    ...own,
    pageBytes: PAGE_BYTES,
    banks: banks.map(([first, frames]) => ({ start: first * PAGE_BYTES, size: frames * PAGE_BYTES })),
    hypervisorBytes: imageFrames * PAGE_BYTES,
    kernelGranuleBytes: 4 * PAGE_BYTES,
  };
  return hostOf(platformOf([], platform));
};

/** What must not be refused. */
export const must = <Result>(result: Result | Finding): Result => {
  if (isFinding(result)) throw new Error(`${result.rule}: ${result.detail}`);
  return result;
};

/** The rule of what must be refused. */
export const ruleOf = (result: unknown): string => {
  if (!isFinding(result)) throw new Error('was not refused');
  return result.rule;
};

export const iommuOf = (host: Host, own: Partial<IommuSpec> = {}): Iommu =>
  new Iommu(host, {
    name: 'IOMMU',
    iotlb: [
      { sets: 4, ways: 4 },
      { sets: 1, ways: 4 },
    ],
    walkCache: null,
    invalidation: 'strict',
    ...own,
  });

export const deviceOf = (domain: Domain, addressBits = 64, guard: DeviceGuard | null = null): DmaDevice =>
  must(assignDevice(domain, { name: 'disk', addressBits }, guard));

export const mapped = (device: DmaDevice, buffer: DmaBuffer, direction: DmaDirection = 'both ways'): DmaMapping =>
  must(mapBuffer(device, buffer, direction));

/** Models with a driver of their own, and by which numbers their devices name memory without an IOMMU. */
export const MODELS_HERE = ['direct', 'p2m', 'insert'] as const;
