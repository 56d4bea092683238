import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import type { Mfn, Pfn } from '../host/frame-number.js';
import type { Iommu } from '../iommu/iommu.js';
import { IommuContext, type IommuHolds } from '../iommu/iommu-context.js';
import { DmaDevice, type DmaDeviceSpec } from './dma-device.js';
import { returnSlots } from './bounce.js';
import { NO_SLOT } from './bounce-pool.js';

/** An IOMMU in front of a device, and what it lets through. `identity`: it passes every address on as it is. */
export interface DeviceGuard {
  readonly iommu: Iommu;
  readonly holds: IommuHolds | 'identity';
}

/**
 * Gives a domain a device to drive. Without a guard, or with *identity*, the device reaches all of machine memory that its mask
 * lets it. Refused while some of the domain's memory is in none of its own frames. Devices of one domain behind the same IOMMU share a
 * context; each has one of its own where a driver gives addresses out, since each gives them out by itself (Linux: a default domain for
 * each group of devices).
 */
export const assignDevice = (
  domain: Domain,
  spec: DmaDeviceSpec,
  guard: DeviceGuard | null = null,
): DmaDevice | Finding => {
  const { dma, name } = domain.host;
  const outside = domain.model.overcommit?.outside ?? 0;
  if (outside > 0) {
    const detail = `${outside} pages of ${domain.name} are shared, on disk or not populated, and ${spec.name} takes no faults`;
    return { operation: 'assign device', model: domain.model.id, rule: 'memory-in-frames-of-its-own', detail };
  }
  let context: IommuContext | null = null;
  if (guard !== null && guard.holds !== 'identity') {
    const { iommu, holds } = guard;
    const unshared = holds === 'second stage' ? refusesSharing(domain, iommu) : null;
    if (unshared !== null) return unshared;
    const shared = dma.contextsOf(domain).find((each) => each.iommu === iommu && each.holds === holds);
    context = holds !== 'buffers' && shared !== undefined ? shared : newContext(iommu, domain, holds);
    if (context === null) {
      const detail = `${name} has no frames for the IOMMU table of ${spec.name}`;
      return { operation: 'assign device', model: domain.model.id, rule: 'iommu-tables', detail };
    }
  }
  const device = new DmaDevice(domain, spec, context);
  dma.addDevice(device);
  return device;
};

/**
 * Why the IOMMU cannot walk the domain's second stage, or null. That of P==M gives a granted frame at a guest frame of its own, where its
 * devices are told of it by its machine frame.
 */
const refusesSharing = ({ model, name }: Domain, iommu: Iommu): Finding | null => {
  const refuse = (detail: string): Finding => {
    return { operation: 'assign device', model: model.id, rule: 'second-stage', detail };
  };
  if (model.secondStage === undefined || model.id === 'direct')
    return refuse(`${name} has no second stage that maps what its devices name`);
  const { levels, indexBits } = model.secondStage.table.format;
  if (levels === iommu.format.levels && indexBits === iommu.format.indexBits) return null;
  return refuse(`${iommu.name} does not walk tables like those of ${name}`);
};

/** Takes a device away: it is reset, so that it forgets every address that it was told; the table goes with the last device. */
export const removeDevice = (device: DmaDevice): void => {
  const { domain, context } = device;
  const { dma, frames } = domain.host;
  for (const mapping of device.mappings) {
    if (mapping.slot !== NO_SLOT) returnSlots(mapping);
    else for (const pfn of mapping.pfns) frames.addPins(mapping.owner.model.machineFrame(pfn), -1);
  }
  device.mappings.clear();
  dma.removeDevice(device);
  if (context === null || dma.devicesOf(domain).some((each) => each.context === context)) return;
  dma.removeContext(context);
  context.dispose();
};

/** Takes all devices of a domain away, as before it is destroyed or restarted. */
export const removeDevices = (domain: Domain): void => {
  for (const device of domain.host.dma.devicesOf(domain)) removeDevice(device);
  const { pools } = domain.host.dma;
  pools.get(domain)?.release();
  pools.delete(domain);
};

/** A context that holds what it has to now, and follows from now on; null when there are too few frames for its table. */
const newContext = (iommu: Iommu, domain: Domain, holds: IommuHolds): IommuContext | null => {
  const context = IommuContext.create(iommu, domain, holds);
  if (context === null) return null;
  if (fill(context)) {
    domain.host.dma.addContext(context);
    return context;
  }
  context.dispose();
  return null;
};

const fill = (context: IommuContext): boolean => {
  const { domain, holds, numbers } = context;
  const { host, model } = domain;
  if (holds === 'buffers' || holds === 'second stage') return true;
  if (holds === 'all RAM') {
    const installed: Mfn[] = [];
    host.frames.forEachInstalled((mfn) => {
      if (!host.isImage(mfn)) installed.push(mfn);
    });
    return setRuns(
      context,
      installed.map((mfn) => ({ page: mfn, mfn, writable: true })),
    );
  }
  const wanted = model
    .ownedFrames()
    .map((pfn) => ({ pfn, mfn: model.machineFrame(pfn) }))
    .map(({ pfn, mfn }) => ({ page: numbers === 'guest' ? pfn : mfn, mfn, writable: true }));
  if (numbers === 'guest') {
    model.forEachForeign?.((page, mfn, writable) => wanted.push({ page, mfn, writable }));
    return setRuns(context, wanted);
  }
  domain.foreign.forEach((mfn) => wanted.push({ page: mfn, mfn, writable: context.rightTo(mfn) === 'write' }));
  return setRuns(
    context,
    wanted.filter(({ mfn }) => context.rightTo(mfn) !== 'none').toSorted((a, b) => a.page - b.page),
  );
};

interface Wanted {
  readonly page: Pfn | Mfn;
  readonly mfn: Mfn;
  readonly writable: boolean;
}

/** Sets pages in ascending order, those that follow each other at both ends together. */
const setRuns = (context: IommuContext, wanted: readonly Wanted[]): boolean => {
  let from = 0;
  while (from < wanted.length) {
    const { page, mfn, writable } = wanted[from];
    let to = from + 1;
    while (
      to < wanted.length &&
      wanted[to].page === page + to - from &&
      wanted[to].mfn === mfn + to - from &&
      wanted[to].writable === writable
    ) {
      to += 1;
    }
    if (!context.setRun(page, mfn, to - from, writable)) return false;
    from = to;
  }
  return true;
};
