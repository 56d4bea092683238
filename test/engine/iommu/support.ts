import type { Domain, Host } from '../../../engine/index.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import type { IommuSpec } from '../../../engine/iommu/iommu.js';
import type { IommuHolds } from '../../../engine/iommu/iommu-context.js';
import { deviceOf, hostWith, iommuOf } from '../devices/support.js';
import { domainOn } from '../support.js';

export const IMAGE = 16;
export const FRAMES = 1024;

export type Holds = IommuHolds | 'identity' | 'none';

/** A driver with a device behind an IOMMU, beside a guest; frames of the driver's were ballooned out. */
export const scene = (
  model: 'direct' | 'p2m' | 'insert',
  holds: Holds,
  own: Partial<IommuSpec> = {},
  addressBits = 64,
): { host: Host; driver: Domain; guest: Domain; device: DmaDevice } => {
  const host = hostWith([[0, FRAMES]], IMAGE);
  const driver = domainOn(host, 'driver', model, 200, { access: 'restricted' });
  const guest = domainOn(host, 'guest', 'p2m', 100);
  const iommu = iommuOf(host, own);
  const device = deviceOf(driver, addressBits, holds === 'none' ? null : { iommu, holds });
  return { host, driver, guest, device };
};
