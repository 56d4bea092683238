import { type Domain, isFinding } from '../../engine/index.js';
import { assignDevice } from '../../engine/devices/assign-device.js';
import { Iommu } from '../../engine/iommu/iommu.js';
import type { IommuContext } from '../../engine/iommu/iommu-context.js';

/**
 * Puts the devices of a domain0 behind an IOMMU as Xen 4.17 does on x86-64: one of P2M reaches all memory but Xen's image, one of VP its own
 * (arch_iommu_check_autotranslated_hwdom). That the tables are not those of nested paging is assumed. No count depends on what the IOMMU caches.
 */
export const putBehindIommu = (domain: Domain): IommuContext => {
  const iotlb = [
    { sets: 16, ways: 4 },
    { sets: 8, ways: 4 },
  ];
  const iommu = new Iommu(domain.host, { name: 'IOMMU', iotlb, walkCache: null, invalidation: 'strict' });
  const holds = domain.model.tablesHoldMachineFrames ? 'all RAM' : 'own';
  const device = assignDevice(domain, { name: 'devices', addressBits: 64 }, { iommu, holds });
  if (isFinding(device)) throw new Error(device.detail);
  return device.context!;
};
