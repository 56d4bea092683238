import fc from 'fast-check';
import { vi } from 'vitest';
import { BouncePool } from '../../../engine/devices/bounce-pool.js';
import { DmaDevice } from '../../../engine/devices/dma-device.js';
import { GrantTable } from '../../../engine/grants/grant-table.js';
import { Maptrack } from '../../../engine/grants/maptrack.js';
import { FrameTable } from '../../../engine/host/frame-table.js';
import { IommuContext } from '../../../engine/iommu/iommu-context.js';
import { DmaSystem } from '../../../engine/devices/dma-system.js';
import { Iommu } from '../../../engine/iommu/iommu.js';
import { DmaPair, type DmaSetting, dmaStep } from '../devices/random-dma.js';
import { type Harness, type Area, nothing, throws, inWorlds } from './harness.js';

const amongGrants = inWorlds([
  ['insert', 'p2m'],
  ['direct, restricted', 'insert'],
  ['p2m', 'direct, restricted'],
]);

const devicesOf =
  (setting: Pick<DmaSetting, 'model' | 'holds' | 'iommuTables'>): Harness =>
  () => {
    const sequences = fc.sample(fc.array(dmaStep, { minLength: 40, maxLength: 60, size: 'max' }), {
      numRuns: 6,
      seed: 7,
    });
    return sequences.some((sequence) =>
      throws(() => {
        const pair = new DmaPair({ ...setting, invalidation: 'strict', addressBits: 20 });
        for (const each of sequence) {
          pair.take(each);
          pair.check();
        }
      }),
    );
  };

const withDevices = devicesOf({ model: 'p2m', holds: 'own', iommuTables: 'healed' });
const withSharedTables = devicesOf({ model: 'nested', holds: 'second stage', iommuTables: 'kept' });

/** Grants, and what devices reach. */
export const GRANTS_AND_DEVICES: Area = {
  harnesses: [
    ['grants', amongGrants],
    ['devices', withDevices],
    ['devices by nested tables', withSharedTables],
  ],
  mutations: [
    [
      'a grant in use is not pinned',
      amongGrants,
      () => void vi.spyOn(GrantTable.prototype, 'pin').mockImplementation(nothing),
    ],
    [
      'an unmap leaves the grant pinned',
      amongGrants,
      () => void vi.spyOn(GrantTable.prototype, 'unpin').mockImplementation(nothing),
    ],
    [
      'grants do not follow frames that moved',
      amongGrants,
      () => void vi.spyOn(GrantTable.prototype, 'follow').mockImplementation(nothing),
    ],
    [
      'a mapping of a grant is not tracked to its end',
      amongGrants,
      () => void vi.spyOn(Maptrack.prototype, 'remove').mockImplementation(nothing),
    ],
    [
      'a device ignores its address mask',
      withDevices,
      () => void vi.spyOn(DmaDevice.prototype, 'canAddress').mockReturnValue(true),
    ],
    [
      'an IOTLB is not invalidated',
      withDevices,
      () => void vi.spyOn(Iommu.prototype, 'invalidate').mockImplementation(nothing),
    ],
    [
      'an IOTLB does not hear of a second stage that it translates by',
      withSharedTables,
      () => void vi.spyOn(DmaSystem.prototype, 'secondStageChanged').mockImplementation(nothing),
    ],
    [
      'an IOMMU does not follow what a domain owns',
      withDevices,
      () => void vi.spyOn(IommuContext.prototype, 'follow').mockImplementation(nothing),
    ],
    [
      'a frame that a device maps is not held',
      withDevices,
      () => void vi.spyOn(FrameTable.prototype, 'addPins').mockImplementation(nothing),
    ],
    [
      'slots of the bounce pool are not given back',
      withDevices,
      () => void vi.spyOn(BouncePool.prototype, 'giveBack').mockImplementation(nothing),
    ],
  ],
};
