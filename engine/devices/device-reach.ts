import { entryFrame } from '../host/entry.js';
import { type Mfn, asMfn } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import { pagesAt } from '../paging/format.js';
import type { DmaDevice } from './dma-device.js';

/** Installed frames that a device reaches if it ignores its driver, by whose they are. */
export interface DeviceReach {
  readonly own: number;
  /** Frames of other domains to which the driver's domain has a right. */
  readonly granted: number;
  /** Frames of other domains. */
  readonly others: number;
  readonly hypervisor: number;
  readonly free: number;
}

/** Counts them by what stands between the device and memory, its mask included. What only an IOTLB still has is not among them. */
export const countDeviceReach = (device: DmaDevice): DeviceReach => {
  const { domain, context } = device;
  const { frames, simulation } = domain.host;
  const { pageBytes } = simulation.platform;
  const reach = { own: 0, granted: 0, others: 0, hypervisor: 0, free: 0 };
  const reached = new Set<Mfn>();
  const add = (page: number, mfn: Mfn): void => {
    if (!device.canAddress(page * pageBytes, pageBytes) || reached.has(mfn)) return;
    reached.add(mfn);
    const state = frames.state(mfn);
    if (state === FrameState.free) reach.free += 1;
    else if (state === FrameState.reserved) reach.hypervisor += 1;
    else if (frames.owner(mfn) === domain.id) reach.own += 1;
    else if (domain.foreign.has(mfn)) reach.granted += 1;
    else if (state === FrameState.owned) reach.others += 1;
  };
  if (context === null) {
    frames.forEachInstalled((mfn) => add(mfn, mfn));
    return reach;
  }
  context.table.forEachLeaf((page, level, entry) => {
    for (let offset = 0; offset < pagesAt(context.iommu.format, level); offset += 1) {
      add(page + offset, asMfn(entryFrame(entry) + offset));
    }
  });
  return reach;
};
